import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { EncodedHistogram } from '../core/stats/histogram.ts';
import type { Phase, Window } from '../core/stats/window.ts';
import { WindowSchema, Phase as WirePhase } from './gen/bench/v1/window_pb.ts';

/** Windows as bench.v1.Window, and back. */
export { type DecodedWindow, decodeWindow, phaseFromWire, readWindow } from './window-reader.ts';
export { WireError } from './wire-reader.ts';

/** @returns bench.v1.Window */
export function encodeWindow(window: Window): Uint8Array<ArrayBuffer> {
  return toBinary(WindowSchema, create(WindowSchema, messageOf(window)));
}

export function phaseToWire(phase: Phase): WirePhase {
  return phase === 'warmup' ? WirePhase.WARMUP : WirePhase.MEASURE;
}

function messageOf(window: Window): MessageInitShape<typeof WindowSchema> {
  return {
    second: window.second,
    operations: window.operations.map((operation) => ({
      ...operation,
      phase: phaseToWire(operation.phase),
      responseTime: histogramToMessage(operation.responseTime),
      serviceTime: histogramToMessage(operation.serviceTime),
      sendDelay: histogramToMessage(operation.sendDelay),
      errorKinds: operation.errorKinds.map(({ samples = [], ...error }) => {
        return { ...error, samples: samples.map((sample) => ({ ...sample })) };
      }),
    })),
    scenarios: window.scenarios.map((scenario) => ({ ...scenario })),
    writes: window.writes.map((write) => ({ ...write })),
    timings: window.timings.map(({ name, phase, histogram }) => ({
      name,
      phase: phaseToWire(phase),
      histogram: histogramToMessage(histogram),
    })),
    host: { ...window.host },
  };
}

function histogramToMessage({ minUs, maxUs, sumUs, indices, counts }: EncodedHistogram) {
  let previous = 0;
  const indexDeltas = indices.map((index) => {
    const delta = index - previous;
    previous = index;
    return delta;
  });
  return { minUs, maxUs, sumUs, indexDeltas, counts: [...counts] };
}
