"""Calls a health check in a closed loop: grpcio-load.py HOST:PORT THREADS SECONDS."""

import json
import sys
import threading
import time

import grpc

host, threads, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
ends_at = time.monotonic() + seconds
times, failures = [], []


def load():
    with grpc.insecure_channel(host, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
        call = channel.unary_unary("/grpc.health.v1.Health/Check")
        while time.monotonic() < ends_at:
            begun = time.perf_counter()
            try:
                call(b"", timeout=30)
                times.append(time.perf_counter() - begun)
            except grpc.RpcError as error:
                failures.append(str(error))


loads = [threading.Thread(target=load) for _ in range(threads)]
for one in loads:
    one.start()
for one in loads:
    one.join()
times.sort()
quantile = lambda q: times[min(len(times) - 1, int(q * len(times)))] * 1e6 if times else None
report = {"requests": len(times) + len(failures), "failures": len(failures), "p50Us": quantile(0.5), "p99Us": quantile(0.99)}
print(json.dumps(report))
