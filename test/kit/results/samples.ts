import { Histogram } from '../../../core/stats/histogram.ts';

/** Response times in milliseconds at shares of the requests; between two of them, interpolated on a logarithmic scale. */
export type Shape = Readonly<Record<number, number>>;

/** The load and response times of one operation in a stretch of seconds. */
export interface OperationShape {
  readonly perSecond: number;
  readonly ms: Shape;
  /** Failures by kind, as a share of the requests. */
  readonly fails?: Readonly<Record<string, number>>;
  readonly sendDelayMs?: number;
}

/** How many of `perSecond` requests fall into second `i` of a stretch; fractions are carried over to later seconds. */
export function evenly(perSecond: number, i: number, share = 1): number {
  return Math.floor((i + 1) * perSecond * share) - Math.floor(i * perSecond * share);
}

/** Draws samples that cover a shape evenly, at multiples of the golden ratio modulo 1. */
export class Sequence {
  #drawn = 0;

  draw(shape: OperationShape | undefined, i: number) {
    const response = new Histogram();
    const service = new Histogram();
    const delay = new Histogram();
    if (shape === undefined) return { response, service, delay };
    const delayUs = Math.round((shape.sendDelayMs ?? 0.05) * 1e3);
    const points = pointsOf(shape.ms);
    for (let n = evenly(shape.perSecond, i); n > 0; n--) {
      const us = Math.round(1e3 * valueAt(points, (this.#drawn++ * 0.618_033_988_749_895) % 1));
      response.record(us);
      delay.record(Math.min(us, delayUs));
      service.record(us - Math.min(us, delayUs));
    }
    return { response, service, delay };
  }
}

type Point = readonly [share: number, ms: number];

/** What a shape says, from the fastest to the slowest. */
function pointsOf(shape: Shape): readonly Point[] {
  return Object.entries(shape)
    .map(([share, ms]) => [Number(share), ms] as const)
    .toSorted(([a], [b]) => a - b);
}

/** The response time at a share of the requests, from 0 to 1. */
function valueAt(points: readonly Point[], share: number): number {
  const next = Math.max(
    1,
    points.findIndex(([at]) => at > share),
  );
  const [fromShare, from] = points[next - 1] as Point;
  const [toShare, to] = points[next] as Point;
  return from * (to / from) ** ((share - fromShare) / (toShare - fromShare));
}
