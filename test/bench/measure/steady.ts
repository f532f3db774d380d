import type { ProcessUse } from './process-tree.ts';

/** One look at a generator and at the server that it loads. */
export interface Sample {
  readonly atMs: number;
  /** Requests that the server has answered since its start. */
  readonly served: number;
  /** Connections open at the server. */
  readonly connections: number;
  readonly use: ProcessUse | undefined;
}

/** A generator at work, without its start and its end. */
export interface SteadyLoad {
  readonly requestsPerSecond: number;
  /** User and system time of the generator; undefined where the system does not tell. */
  readonly cpuUsPerRequest: number | undefined;
}

/** The load counts as steady from this share of all requests to that: start-up, compiling and the end lie outside. */
const FROM_SHARE = 0.15;
const TO_SHARE = 0.95;

/**
 * Rate and CPU over the middle of the requests, as counted at the server: the same yardstick for every generator,
 * whatever it says of itself. Between two samples all is taken to be even.
 *
 * @param samples rising in time, from before the first request to after the last
 * @returns undefined when the server got no requests in between
 */
export function steadyLoad(samples: readonly Sample[]): SteadyLoad | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.served <= first.served) return undefined;
  const total = last.served - first.served;
  const from = whenServed(samples, first.served + total * FROM_SHARE);
  const to = whenServed(samples, first.served + total * TO_SHARE);
  const requests = total * (TO_SHARE - FROM_SHARE);
  const knowsCpu = from.cpuUs !== undefined && to.cpuUs !== undefined;
  return {
    requestsPerSecond: (requests / (to.atMs - from.atMs)) * 1000,
    cpuUsPerRequest: knowsCpu ? ((to.cpuUs as number) - (from.cpuUs as number)) / requests : undefined,
  };
}

/** Time and CPU when the server had answered so many. */
function whenServed(samples: readonly Sample[], served: number): { atMs: number; cpuUs: number | undefined } {
  const next = samples.findIndex((sample) => sample.served >= served);
  const after = samples[next] as Sample;
  const before = samples[next - 1] ?? after;
  const share = after.served === before.served ? 1 : (served - before.served) / (after.served - before.served);
  const between = (a: number, b: number) => a + (b - a) * share;
  return {
    atMs: between(before.atMs, after.atMs),
    cpuUs: before.use && after.use ? between(before.use.cpuUs, after.use.cpuUs) : undefined,
  };
}

/** The most memory that any sample saw; undefined where the system does not tell. */
export function peakMemoryBytes(samples: readonly Sample[]): number | undefined {
  const peaks = samples.flatMap(({ use }) => (use === undefined ? [] : [use.peakMemoryBytes]));
  return peaks.length === 0 ? undefined : Math.max(...peaks);
}
