import { Counter, Histogram } from 'prom-client';

/** Upper bounds of the request duration histogram, in seconds; 0.2 is the limit that the upload test sets. */
export const DURATION_BOUNDS_SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

/** What was measured of one route since the start. */
export interface RouteFigures {
  readonly route: string;
  /** Answers by HTTP status. */
  readonly countByStatus: ReadonlyMap<number, number>;
  readonly durationSumSeconds: number;
  readonly count: number;
}

/** Counts requests per route, in metrics of prom-client that no registry holds yet. */
export class RequestMetrics {
  readonly requestsTotal = new Counter({
    name: 'bench_target_requests_total',
    help: 'Requests answered, by route and HTTP status.',
    labelNames: ['route', 'status'],
    registers: [],
  });
  readonly durations = new Histogram({
    name: 'bench_target_request_duration_seconds',
    help: 'Time from the start of handling a request to its answer, by route.',
    labelNames: ['route'],
    buckets: DURATION_BOUNDS_SECONDS,
    registers: [],
  });
  #inFlight = 0;

  /** Requests being handled now. */
  get inFlight(): number {
    return this.#inFlight;
  }

  begin(): void {
    this.#inFlight += 1;
  }

  end(route: string, status: number, durationMs: number): void {
    this.requestsTotal.inc({ route, status });
    this.durations.observe({ route }, durationMs / 1000);
    this.#inFlight -= 1;
  }

  async routes(): Promise<RouteFigures[]> {
    const [answered, durations] = await Promise.all([this.requestsTotal.get(), this.durations.get()]);
    const sums = durations.values.filter(({ metricName }) => metricName?.endsWith('_sum'));
    return sums.map(({ labels: { route }, value }) => {
      const ofRoute = answered.values.filter(({ labels }) => labels.route === route);
      return {
        route: String(route),
        countByStatus: new Map(ofRoute.map(({ labels, value }) => [Number(labels.status), value])),
        durationSumSeconds: value,
        count: ofRoute.reduce((sum, { value }) => sum + value, 0),
      };
    });
  }
}
