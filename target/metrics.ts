/** Upper bounds of the request duration histogram, in seconds; 0.2 is the limit that the upload test sets. */
export const DURATION_BOUNDS_SECONDS = [
  0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
] as const;

/** What was measured of one route since the start. */
export interface RouteFigures {
  readonly route: string;
  /** Answers by HTTP status. */
  readonly countByStatus: ReadonlyMap<number, number>;
  /** Answers per bucket of `DURATION_BOUNDS_SECONDS`, not cumulated; the last one has no upper bound. */
  readonly countByBucket: readonly number[];
  readonly durationSumSeconds: number;
  readonly count: number;
}

interface RouteCounters {
  countByStatus: Map<number, number>;
  countByBucket: number[];
  durationSumSeconds: number;
  count: number;
}

/** Counts requests per route. Cheap enough for each request: no allocation once a route and a status are known. */
export class RequestMetrics {
  readonly #routes = new Map<string, RouteCounters>();
  #inFlight = 0;

  /** Requests being handled now. */
  get inFlight(): number {
    return this.#inFlight;
  }

  begin(): void {
    this.#inFlight += 1;
  }

  end(route: string, status: number, durationMs: number): void {
    let counters = this.#routes.get(route);
    if (counters === undefined) {
      const countByBucket = new Array<number>(DURATION_BOUNDS_SECONDS.length + 1).fill(0);
      counters = { countByStatus: new Map(), countByBucket, durationSumSeconds: 0, count: 0 };
      this.#routes.set(route, counters);
    }
    counters.count += 1;
    counters.durationSumSeconds += durationMs / 1000;
    counters.countByStatus.set(status, (counters.countByStatus.get(status) ?? 0) + 1);
    const bucket = bucketOf(durationMs / 1000);
    counters.countByBucket[bucket] = (counters.countByBucket[bucket] ?? 0) + 1;
    this.#inFlight -= 1;
  }

  routes(): RouteFigures[] {
    return [...this.#routes].map(([route, counters]) => ({ route, ...counters }));
  }
}

function bucketOf(durationSeconds: number): number {
  let bucket = 0;
  for (const boundSeconds of DURATION_BOUNDS_SECONDS) {
    if (durationSeconds <= boundSeconds) break;
    bucket += 1;
  }
  return bucket;
}
