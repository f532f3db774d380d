import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { EncodedHistogram } from '../core/stats/histogram.ts';
import type { Phase, RowFigures, ScriptWindow, Window } from '../core/stats/window.ts';
import {
  type OperationWindowSchema,
  RowKind,
  type ScriptWindowSchema,
  WindowSchema,
  Phase as WirePhase,
} from './gen/bench/v1/window_pb.ts';

/** Windows as bench.v1.Window, and back. */
export { phaseFromWire } from './read-fields.ts';
export { type DecodedWindow, decodeWindow, readWindow } from './window-reader.ts';
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
    continues: window.continues === true,
    operations: window.operations.map(({ operation, ...figures }) => ({ operation, ...figuresToMessage(figures) })),
    scenarios: window.scenarios.map((scenario) => ({ ...scenario })),
    writes: window.writes.map((write) => ({ ...write })),
    timings: window.timings.map(({ name, phase, histogram }) => ({
      name,
      phase: phaseToWire(phase),
      histogram: histogramToMessage(histogram),
    })),
    ratios: (window.ratios ?? []).map(({ phase, voidReason = '', ...counts }) => {
      return { ...counts, phase: phaseToWire(phase), voidReason };
    }),
    host: { ...window.host },
    ...(window.script !== undefined && { script: scriptToMessage(window.script) }),
  };
}

function figuresToMessage(figures: RowFigures): MessageInitShape<typeof OperationWindowSchema> {
  return {
    ...figures,
    phase: phaseToWire(figures.phase),
    responseTime: histogramToMessage(figures.responseTime),
    serviceTime: histogramToMessage(figures.serviceTime),
    sendDelay: histogramToMessage(figures.sendDelay),
    errorKinds: figures.errorKinds.map(({ samples = [], ...error }) => {
      return { ...error, samples: samples.map((sample) => ({ ...sample })) };
    }),
    slowest: (figures.slowest ?? []).map((sample) => ({ ...sample })),
  };
}

function scriptToMessage({ rows, checks }: ScriptWindow): MessageInitShape<typeof ScriptWindowSchema> {
  return {
    rows: rows.map(({ row, ...figures }) => ({
      ...row,
      kind: row.kind === 'request' ? RowKind.REQUEST : RowKind.MEASURE,
      tags: { ...row.tags },
      figures: figuresToMessage(figures),
    })),
    checks: checks.map((check) => ({ ...check, phase: phaseToWire(check.phase) })),
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
