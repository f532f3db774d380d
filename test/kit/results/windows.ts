import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { Histogram } from '../../../core/stats/histogram.ts';
import type { HostSample, OperationWindow, Phase, RatioWindow, Window } from '../../../core/stats/window.ts';
import { FIXED64, LENGTH_DELIMITED } from '../../../proto/wire-reader.ts';

export interface Sample {
  readonly agent: number;
  readonly second: number;
  readonly operation: number;
  readonly phase: Phase;
  readonly responseUs: number;
  readonly serviceUs: number;
  readonly errorKind: string;
}

const HOST: HostSample = {
  processCpuCores: 0.5,
  hostCpuShare: 0.5,
  processMemoryBytes: 1,
  hostMemoryShare: 0.5,
  loopLagMaxUs: 10,
  cpuWaitShare: 0,
};
export function histogramOf(valuesUs: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of valuesUs) histogram.record(value);
  return histogram;
}

export function groupBy<Item>(items: readonly Item[], key: (item: Item) => number | string): Item[][] {
  return [...Map.groupBy(items, key).values()];
}

function operationWindow(samples: readonly Sample[]): OperationWindow {
  const { operation, phase } = samples[0] as Sample;
  const failed = samples.filter(({ errorKind }) => errorKind !== '');
  return {
    operation,
    phase,
    errors: failed.length,
    bytesSent: 10 * samples.length,
    bytesReceived: 20 * samples.length,
    responseTime: histogramOf(samples.map(({ responseUs }) => responseUs)).encode(),
    serviceTime: histogramOf(samples.map(({ serviceUs }) => serviceUs)).encode(),
    sendDelay: histogramOf(samples.map(() => 1)).encode(),
    errorKinds: groupBy(failed, ({ errorKind }) => errorKind).map((ofKind) => ({
      kind: (ofKind[0] as Sample).errorKind,
      count: ofKind.length,
      example: `${(ofKind[0] as Sample).errorKind} of agent ${(ofKind[0] as Sample).agent}`,
    })),
  };
}

/** Two attempts for each sample, one of them a hit. */
function ratioWindow(samples: readonly Sample[]): RatioWindow {
  const { phase } = samples[0] as Sample;
  return { name: 'cache.hits', phase, hits: samples.length, of: 2 * samples.length };
}

/** All samples of one second of one agent. */
export function windowOf(second: number, samples: readonly Sample[], vus = 1): Window {
  return {
    second,
    operations: groupBy(samples, ({ operation, phase }) => `${operation} ${phase}`).map(operationWindow),
    scenarios: [{ scenario: 0, vus, droppedArrivals: samples.length, missedArrivals: 0 }],
    writes: samples.map(({ operation }) => ({ driver: 0, key: `key-${operation}`, acknowledged: 1, unknown: 2 })),
    timings: [
      { name: 'http.connect', phase: 'measure', histogram: histogramOf(samples.map((one) => one.serviceUs)).encode() },
    ],
    ...(samples.length > 0 && { ratios: groupBy(samples, ({ phase }) => phase).map(ratioWindow) }),
    host: HOST,
  };
}

/** A sample of agent 0, for tests where only the time matters. */
export const sampleAt = (second: number, ms: number): Sample => ({
  agent: 0,
  second,
  operation: 0,
  phase: 'measure',
  responseUs: ms * 1000,
  serviceUs: 1,
  errorKind: '',
});

/**
 * The same bench.v1.Window, about this many bytes longer: before it stands another sample of its host, whose first figure is
 * repeated, in nine bytes each time. Of both only the last counts.
 */
export function padded(window: Uint8Array, bytes: number): Uint8Array {
  const host = 6;
  const figure = Buffer.from([(1 << 3) | FIXED64, ...new Array<number>(8).fill(0)]);
  const figures = Buffer.alloc(Math.floor(bytes / figure.length) * figure.length, figure);
  const writer = new BinaryWriter().tag(host, LENGTH_DELIMITED).bytes(figures);
  return Buffer.concat([writer.finish(), window]);
}
