import { MAX_ERROR_KINDS } from '../core/stats/error-kinds.ts';
import { EMPTY_HISTOGRAM } from '../core/stats/histogram.ts';
import {
  type FailureSample,
  MAX_SAMPLE_MESSAGE,
  MAX_SAMPLE_TEXT,
  MAX_SAMPLES,
  MAX_SLOW_SAMPLES,
  MAX_TRACE_ID,
  type SlowSample,
} from '../core/stats/kept-sample.ts';
import { countOf } from '../core/stats/merge-encoded.ts';
import type { RunShape } from '../core/stats/run-shape.ts';
import {
  type ErrorCount,
  type HostSample,
  MAX_NAME_LENGTH,
  MAX_RATIOS,
  MAX_TIMINGS,
  type OperationWindow,
  type RatioWindow,
  type ScenarioWindow,
  type ScriptWindow,
  type TimingWindow,
  type Window,
  type WriteTallyEntry,
} from '../core/stats/window.ts';
import { ratioOf, timingOf, writeOf } from './driver-figures-reader.ts';
import type { Phase as WirePhase } from './gen/bench/v1/window_pb.ts';
import { readHistogram, wholeNumber } from './histogram-reader.ts';
import { addUpTo, part, phaseFromWire, readFields, text } from './read-fields.ts';
import { scriptOf } from './script-reader.ts';
import { FIXED64, LENGTH_DELIMITED, VARINT, WireError, WireReader } from './wire-reader.ts';

const MAX_EXAMPLE = 300;
/** For both phases. */
const MAX_TIMING_WINDOWS = 2 * MAX_TIMINGS;
/** As many as fit a message with keys of ten characters. */
const MAX_WRITES = 500_000;
/** For both phases. */
const MAX_RATIO_WINDOWS = 2 * MAX_RATIOS;

/** By their field numbers, with the most that each can be. */
const HOST_FIGURES: ReadonlyMap<number, readonly [keyof HostSample, number]> = new Map([
  [1, ['processCpuCores', 65_536]],
  [2, ['hostCpuShare', 1]],
  [3, ['processMemoryBytes', Number.MAX_SAFE_INTEGER]],
  [4, ['hostMemoryShare', 1]],
  [5, ['loopLagMaxUs', Number.MAX_SAFE_INTEGER]],
  [8, ['cpuWaitShare', 1]],
]);

/** Bytes and microseconds, which outputs keep as whole numbers. */
const WHOLE: ReadonlySet<keyof HostSample> = new Set(['processMemoryBytes', 'loopLagMaxUs']);

export interface DecodedWindow {
  readonly window: Window;
  /** The message has fields that are not known here, from an agent of a newer version: they are not in `window`. */
  readonly hasUnknownFields: boolean;
}

/**
 * Reads a bench.v1.Window and checks all that can be checked without more of the plan. By hand: control reads thousands in a
 * second, and this takes a third of the time that the generated schema and checks after it do.
 * @param shape of the run: a window has no more parts, however many may stand in a message
 * @throws {WireError}
 */
export function readWindow(bytes: Uint8Array, shape: Pick<RunShape, 'operations' | 'scenarios'>): DecodedWindow {
  const mostOperations = 2 * shape.operations;
  const reader = new WireReader(bytes);
  let second = 0;
  let host: HostSample | undefined;
  const operations: OperationWindow[] = [];
  const scenarios: ScenarioWindow[] = [];
  const writes: WriteTallyEntry[] = [];
  const timings: TimingWindow[] = [];
  const ratios: RatioWindow[] = [];
  let script: ScriptWindow | undefined;
  let continues: true | undefined;
  readFields(reader, (number, kind) => {
    if (number === 1 && kind === VARINT) second = reader.uint32();
    else if (number === 10 && kind === VARINT) continues = reader.uint32() === 0 ? undefined : true;
    else if (kind !== LENGTH_DELIMITED) return false;
    else if (number === 2) addUpTo(mostOperations, operations, part(reader, operationOf), 'operations');
    else if (number === 3) addUpTo(shape.scenarios, scenarios, part(reader, scenarioOf), 'scenarios');
    else if (number === 4) addUpTo(MAX_WRITES, writes, part(reader, writeOf), 'writes');
    else if (number === 5) addUpTo(MAX_TIMING_WINDOWS, timings, part(reader, timingOf), 'timings');
    else if (number === 6) host = part(reader, hostOf);
    else if (number === 8) script = part(reader, (of) => scriptOf(of, { ...shape, operationOf }));
    else if (number === 9) addUpTo(MAX_RATIO_WINDOWS, ratios, part(reader, ratioOf), 'ratios');
    else return false;
    return true;
  });
  const window = {
    second,
    ...(continues !== undefined && { continues }),
    operations,
    scenarios,
    writes,
    timings,
    ...(ratios.length > 0 && { ratios }),
    host: host ?? hostOf(new WireReader(new Uint8Array())),
    ...(script !== undefined && { script }),
  };
  return { window, hasUnknownFields: reader.hasSkipped };
}

/** The window of {@link readWindow} alone. @throws {WireError} */
export function decodeWindow(bytes: Uint8Array, shape: Pick<RunShape, 'operations' | 'scenarios'>): Window {
  return readWindow(bytes, shape).window;
}

function operationOf(reader: WireReader): OperationWindow {
  let operation = 0;
  let phase: WirePhase = 0;
  let errors = 0;
  let bytesSent = 0;
  let bytesReceived = 0;
  let responseTime = EMPTY_HISTOGRAM;
  let serviceTime = EMPTY_HISTOGRAM;
  let sendDelay = EMPTY_HISTOGRAM;
  const errorKinds: ErrorCount[] = [];
  const slowest: SlowSample[] = [];
  // Without a callback, which would keep all of this on the heap: reading a window takes a tenth less on Bun.
  while (!reader.isAtEnd) {
    const tag = reader.tag();
    const number = tag >>> 3;
    const kind = tag & 7;
    if (kind === LENGTH_DELIMITED && number === 6) responseTime = readHistogram(reader, 'operations.response_time');
    else if (kind === LENGTH_DELIMITED && number === 7) serviceTime = readHistogram(reader, 'operations.service_time');
    else if (kind === LENGTH_DELIMITED && number === 8) sendDelay = readHistogram(reader, 'operations.send_delay');
    else if (kind === LENGTH_DELIMITED && number === 9) {
      addUpTo(MAX_ERROR_KINDS + 1, errorKinds, part(reader, errorOf), 'operations.error_kinds');
    } else if (kind === LENGTH_DELIMITED && number === 10) {
      addUpTo(MAX_SLOW_SAMPLES, slowest, part(reader, slowSampleOf), 'operations.slowest');
    } else if (kind === VARINT && number === 1) operation = reader.uint32();
    else if (kind === VARINT && number === 2) phase = reader.uint32() as WirePhase;
    else if (kind === FIXED64 && number === 3) errors = reader.double();
    else if (kind === FIXED64 && number === 4) bytesSent = reader.double();
    else if (kind === FIXED64 && number === 5) bytesReceived = reader.double();
    else reader.skip(tag);
  }
  const samples = countOf(responseTime);
  if (countOf(serviceTime) !== samples || countOf(sendDelay) !== samples) {
    throw new WireError(
      `operations: response_time has ${samples} samples, service_time ${countOf(serviceTime)} and send_delay ${countOf(sendDelay)}; they must have the same`,
    );
  }
  wholeNumber(errors, 'operations.errors');
  if (errors > samples) throw new WireError(`operations.errors is ${errors}, more than the ${samples} samples`);
  const sum = errorKinds.reduce((all, kind) => all + kind.count, 0);
  if (sum !== errors) throw new WireError(`error_kinds add up to ${sum}, but operations.errors is ${errors}`);
  const window = {
    operation,
    phase: phaseFromWire(phase, 'operations.phase'),
    errors,
    bytesSent: wholeNumber(bytesSent, 'operations.bytes_sent'),
    bytesReceived: wholeNumber(bytesReceived, 'operations.bytes_received'),
    responseTime,
    serviceTime,
    sendDelay,
    errorKinds,
  };
  return slowest.length > 0 ? { ...window, slowest } : window;
}

function slowSampleOf(reader: WireReader): SlowSample {
  let atUs = 0;
  let responseTimeUs = 0;
  let traceId = '';
  readFields(reader, (number, kind) => {
    if (number === 1 && kind === FIXED64) atUs = wholeNumber(reader.double(), 'slowest.at_us');
    else if (number === 2 && kind === FIXED64)
      responseTimeUs = wholeNumber(reader.double(), 'slowest.response_time_us');
    else if (number === 3 && kind === LENGTH_DELIMITED) traceId = text(reader, MAX_TRACE_ID, 'slowest.trace_id');
    else return false;
    return true;
  });
  return { atUs, responseTimeUs, traceId };
}

function errorOf(reader: WireReader): ErrorCount {
  let kind = '';
  let count = 0;
  let example = '';
  const samples: FailureSample[] = [];
  readFields(reader, (number, encoding) => {
    if (number === 1 && encoding === LENGTH_DELIMITED) kind = text(reader, MAX_NAME_LENGTH, 'error_kinds.kind');
    else if (number === 2 && encoding === FIXED64) count = wholeNumber(reader.double(), 'error_kinds.count');
    else if (number === 3 && encoding === LENGTH_DELIMITED) example = text(reader, MAX_EXAMPLE, 'error_kinds.example');
    else if (number === 4 && encoding === LENGTH_DELIMITED) {
      addUpTo(MAX_SAMPLES, samples, part(reader, sampleOf), 'error_kinds.samples');
    } else return false;
    return true;
  });
  return { kind, count, example, ...(samples.length > 0 && { samples }) };
}

function sampleOf(reader: WireReader): FailureSample {
  let atUs = 0;
  let durationUs = 0;
  let message = '';
  let sent = '';
  let received = '';
  readFields(reader, (number, kind) => {
    if (number === 1 && kind === FIXED64) atUs = wholeNumber(reader.double(), 'samples.at_us');
    else if (number === 2 && kind === FIXED64) durationUs = wholeNumber(reader.double(), 'samples.duration_us');
    else if (kind !== LENGTH_DELIMITED) return false;
    else if (number === 3) message = text(reader, MAX_SAMPLE_MESSAGE, 'samples.message');
    else if (number === 4) sent = text(reader, MAX_SAMPLE_TEXT, 'samples.sent');
    else if (number === 5) received = text(reader, MAX_SAMPLE_TEXT, 'samples.received');
    else return false;
    return true;
  });
  return { atUs, durationUs, message, sent, received };
}

function scenarioOf(reader: WireReader): ScenarioWindow {
  let scenario = 0;
  let vus = 0;
  let droppedArrivals = 0;
  let missedArrivals = 0;
  readFields(reader, (number, kind) => {
    if (number === 1 && kind === VARINT) scenario = reader.uint32();
    else if (number === 2 && kind === VARINT) vus = reader.uint32();
    else if (number === 3 && kind === FIXED64) {
      droppedArrivals = wholeNumber(reader.double(), 'scenarios.dropped_arrivals');
    } else if (number === 4 && kind === FIXED64) {
      missedArrivals = wholeNumber(reader.double(), 'scenarios.missed_arrivals');
    } else return false;
    return true;
  });
  if (missedArrivals > droppedArrivals) {
    throw new WireError(
      `scenarios.missed_arrivals is ${missedArrivals}, more than the ${droppedArrivals} that were dropped`,
    );
  }
  return { scenario, vus, droppedArrivals, missedArrivals };
}

function hostOf(reader: WireReader): HostSample {
  const host = {} as { -readonly [Name in keyof HostSample]: number };
  for (const [name] of HOST_FIGURES.values()) host[name] = 0;
  readFields(reader, (number, kind) => {
    const figure = HOST_FIGURES.get(number);
    if (figure === undefined || kind !== FIXED64) return false;
    const [name, max] = figure;
    const value = reader.double();
    // A counter that stepped back, or a runtime without it, is no reason to refuse the window.
    const bounded = value > 0 && value <= Number.MAX_SAFE_INTEGER ? Math.min(value, max) : 0;
    host[name] = WHOLE.has(name) ? Math.floor(bounded) : bounded;
    return true;
  });
  return host;
}
