import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { EncodedHistogram } from '../core/stats/histogram.ts';
import { BUCKET_COUNT, bucketIndex, EMPTY_HISTOGRAM, HIGHEST_TRACKABLE_US } from '../core/stats/histogram.ts';
import type { ErrorCount, HostSample, OperationWindow, Phase, Window } from '../core/stats/window.ts';
import type * as wire from './gen/bench/v1/window_pb.ts';
import { WindowSchema, Phase as WirePhase } from './gen/bench/v1/window_pb.ts';

/** A message that breaks the protocol's rules; the message says which field and why. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

const LONGEST_NAME = 200;
const LONGEST_EXAMPLE = 300;

/** @returns bench.v1.Window */
export function encodeWindow(window: Window): Uint8Array<ArrayBuffer> {
  return toBinary(WindowSchema, create(WindowSchema, windowToMessage(window)));
}

/**
 * Reads a bench.v1.Window and checks all that can be checked without the plan.
 * @throws {WireError}
 */
export function decodeWindow(bytes: Uint8Array): Window {
  return windowFromMessage(fromBinary(WindowSchema, bytes));
}

function windowToMessage(window: Window): MessageInitShape<typeof WindowSchema> {
  return {
    second: window.second,
    operations: window.operations.map((operation) => ({
      ...operation,
      phase: phaseToWire(operation.phase),
      responseTime: histogramToMessage(operation.responseTime),
      serviceTime: histogramToMessage(operation.serviceTime),
      sendDelay: histogramToMessage(operation.sendDelay),
      errorKinds: operation.errorKinds.map((error) => ({ ...error })),
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

function windowFromMessage(message: wire.Window): Window {
  return {
    second: message.second,
    operations: message.operations.map(operationFromMessage),
    scenarios: message.scenarios.map(({ scenario, vus, droppedArrivals }) => ({
      scenario,
      vus,
      droppedArrivals: count(droppedArrivals, 'scenarios.dropped_arrivals'),
    })),
    writes: message.writes.map(({ driver, key, acknowledged, unknown }) => ({
      driver,
      key: text(key, LONGEST_NAME, 'writes.key'),
      acknowledged: count(acknowledged, 'writes.acknowledged'),
      unknown: count(unknown, 'writes.unknown'),
    })),
    timings: message.timings.map(({ name, phase, histogram }) => ({
      name: text(name, LONGEST_NAME, 'timings.name'),
      phase: phaseFromWire(phase, 'timings.phase'),
      histogram: histogramFromMessage(histogram, 'timings.histogram'),
    })),
    host: hostFromMessage(message.host),
  };
}

export function phaseToWire(phase: Phase): WirePhase {
  return phase === 'warmup' ? WirePhase.WARMUP : WirePhase.MEASURE;
}

/** @throws {WireError} when it is neither */
export function phaseFromWire(phase: WirePhase, field: string): Phase {
  if (phase === WirePhase.WARMUP) return 'warmup';
  if (phase === WirePhase.MEASURE) return 'measure';
  throw new WireError(`${field} is ${phase}, which is no phase`);
}

function operationFromMessage(message: wire.OperationWindow): OperationWindow {
  const responseTime = histogramFromMessage(message.responseTime, 'operations.response_time');
  const serviceTime = histogramFromMessage(message.serviceTime, 'operations.service_time');
  const sendDelay = histogramFromMessage(message.sendDelay, 'operations.send_delay');
  const samples = total(responseTime);
  if (total(serviceTime) !== samples || total(sendDelay) !== samples) {
    throw new WireError(
      `operations: response_time has ${samples} samples, service_time ${total(serviceTime)} and send_delay ${total(sendDelay)}; they must have the same`,
    );
  }
  const errors = count(message.errors, 'operations.errors');
  if (errors > samples) throw new WireError(`operations.errors is ${errors}, more than the ${samples} samples`);
  return {
    operation: message.operation,
    phase: phaseFromWire(message.phase, 'operations.phase'),
    errors,
    bytesSent: count(message.bytesSent, 'operations.bytes_sent'),
    bytesReceived: count(message.bytesReceived, 'operations.bytes_received'),
    responseTime,
    serviceTime,
    sendDelay,
    errorKinds: errorKindsFromMessage(message.errorKinds, errors),
  };
}

function errorKindsFromMessage(messages: readonly wire.ErrorWindow[], errors: number): ErrorCount[] {
  const kinds = messages.map(({ kind, count: ofKind, example }) => ({
    kind: text(kind, LONGEST_NAME, 'error_kinds.kind'),
    count: count(ofKind, 'error_kinds.count'),
    example: text(example, LONGEST_EXAMPLE, 'error_kinds.example'),
  }));
  const sum = kinds.reduce((all, kind) => all + kind.count, 0);
  if (sum !== errors) throw new WireError(`error_kinds add up to ${sum}, but operations.errors is ${errors}`);
  return kinds;
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

function histogramFromMessage(message: wire.Histogram | undefined, field: string): EncodedHistogram {
  if (message === undefined || message.indexDeltas.length === 0) {
    if ((message?.counts.length ?? 0) > 0) throw new WireError(`${field} has counts without index_deltas`);
    return EMPTY_HISTOGRAM;
  }
  const { minUs, maxUs, sumUs, indexDeltas, counts } = message;
  if (indexDeltas.length !== counts.length) {
    throw new WireError(`${field} has ${indexDeltas.length} index_deltas and ${counts.length} counts`);
  }
  const indices = new Array<number>(indexDeltas.length);
  let index = 0;
  for (let i = 0; i < indexDeltas.length; i++) {
    const delta = indexDeltas[i] as number;
    index += delta;
    if ((delta === 0 && i > 0) || index >= BUCKET_COUNT) {
      throw new WireError(
        `${field}.index_deltas[${i}] leads to bucket ${index}: they must rise and stay below ${BUCKET_COUNT}`,
      );
    }
    const inBucket = counts[i] as number;
    if (!(Number.isSafeInteger(inBucket) && inBucket > 0)) {
      throw new WireError(`${field}.counts[${i}] is ${inBucket}, and must be a positive whole number`);
    }
    indices[i] = index;
  }
  count(minUs, `${field}.min_us`);
  count(maxUs, `${field}.max_us`);
  count(sumUs, `${field}.sum_us`);
  // The histogram's own range comes from its least and greatest: were they wrong, buckets would be lost.
  if (bucketOf(minUs) !== indices[0] || bucketOf(maxUs) !== index || minUs > maxUs) {
    throw new WireError(
      `${field} goes from bucket ${indices[0]} to ${index}, which min_us ${minUs} and max_us ${maxUs} do not`,
    );
  }
  return { minUs, maxUs, sumUs, indices, counts };
}

function bucketOf(us: number): number {
  return bucketIndex(Math.min(us, HIGHEST_TRACKABLE_US));
}

function hostFromMessage(message: wire.HostSample | undefined): HostSample {
  const figure = (name: keyof HostSample) => {
    const value = message?.[name] ?? 0;
    // A counter that stepped back, or a runtime without it, is no reason to refuse the window.
    return Number.isFinite(value) && value > 0 ? value : 0;
  };
  return {
    processCpuCores: figure('processCpuCores'),
    hostCpuShare: figure('hostCpuShare'),
    processMemoryBytes: figure('processMemoryBytes'),
    hostMemoryShare: figure('hostMemoryShare'),
    loopLagMaxUs: figure('loopLagMaxUs'),
    networkReceivedBytes: figure('networkReceivedBytes'),
    networkSentBytes: figure('networkSentBytes'),
  };
}

function total({ counts }: EncodedHistogram): number {
  let sum = 0;
  for (const one of counts) sum += one;
  return sum;
}

function count(value: number, field: string): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new WireError(`${field} is ${value}, and must be a whole number, not negative`);
}

function text(value: string, longest: number, field: string): string {
  if (value.length <= longest) return value;
  throw new WireError(`${field} has ${value.length} characters; at most ${longest} are allowed`);
}
