"""Searches in a closed loop: pymilvus-load.py HOST:PORT THREADS SECONDS COLLECTION DIMENSIONS."""

import json
import random
import sys
import threading
import time

from pymilvus import Collection, connections

host, threads, seconds, collection_name, dim = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4], int(sys.argv[5])
queries = [[random.gauss(0, 1) for _ in range(dim)] for _ in range(100)]
search = {"metric_type": "L2", "params": {"ef": 64}}
times, failures = [], []


def load(number):
    alias = f"user_{number}"
    connections.connect(alias, uri=f"http://{host}")
    collection = Collection(collection_name, using=alias)
    # All are connected before the first search, as our virtual users are.
    together.wait()
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        begun = time.perf_counter()
        try:
            found = collection.search([random.choice(queries)], "embedding", search, limit=10, consistency_level="Bounded")
            times.append(time.perf_counter() - begun)
            if len(found[0]) != 10:
                failures.append("a search found other than 10 rows")
        except Exception as error:
            failures.append(str(error))
    connections.disconnect(alias)


together = threading.Barrier(threads)
loads = [threading.Thread(target=load, args=(number,)) for number in range(threads)]
for one in loads:
    one.start()
for one in loads:
    one.join()
times.sort()
quantile = lambda q: times[min(len(times) - 1, int(q * len(times)))] * 1e6 if times else None
report = {"requests": len(times) + len(failures), "failures": len(failures), "p50Us": quantile(0.5), "p99Us": quantile(0.99)}
print(json.dumps(report))
if failures:
    print(failures[0], file=sys.stderr)
