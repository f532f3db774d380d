import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { CLASSIC_BOUNDS_S, classicCounts } from '../../core/series/classic.ts';
import { exponentialOf } from '../../core/series/exponential.ts';
import type { HistogramPoint, Labels, Metric } from '../../core/series/series.ts';
import { countOf } from '../../core/stats/merge-encoded.ts';
import { VERSION } from '../../core/version.ts';
import type { Push } from './pushed-run.ts';

/** Units of the Unified Code for Units of Measure by how names of Prometheus end. */
const UNITS: readonly (readonly [suffix: string, unit: string])[] = [
  ['_seconds', 's'],
  ['_bytes', 'By'],
];
/** Values of the enum AggregationTemporality. */
const DELTA = 1;
const CUMULATIVE = 2;
/** DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK */
const NO_VALUE = 1;

/** How histograms are sent: `explicit` ones have the bounds of control's page. */
export type OtlpHistograms = 'exponential' | 'explicit';

/** What a receiver has not taken of a request, and what it says of it. */
export interface PartialSuccess {
  readonly rejectedPoints: number;
  readonly message: string;
}

/**
 * An ExportMetricsServiceRequest in Protocol Buffers. The numbers of fields are those of
 * https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto
 */
export function otlpRequest(push: Push, histograms: OtlpHistograms): Uint8Array<ArrayBuffer> {
  const to = new BinaryWriter();
  part(to, 1, () => {
    part(to, 1, () => attributes(to, 1, { 'service.name': 'bench', 'service.version': VERSION }));
    part(to, 2, () => {
      part(to, 1, () => text(text(to, 1, 'bench'), 2, VERSION));
      for (const metric of push.metrics) part(to, 2, () => writeMetric(to, metric, push, histograms));
      for (const { name, labels } of push.ended) {
        part(to, 2, () => {
          named(to, name);
          part(to, 5, () => {
            for (const of of labels)
              part(to, 1, () => numberPlace(to, of, push).tag(8, WireType.Varint).uint32(NO_VALUE));
          });
        });
      }
    });
  });
  return new Uint8Array(to.finish());
}

/** What an ExportMetricsServiceResponse says was not taken; undefined when all was, and for what is no such message. */
export function partialSuccessIn(answer: Uint8Array): PartialSuccess | undefined {
  const said = fieldsOf(fieldsOf(answer).get(1));
  const rejectedPoints = Number(said.get(1) ?? 0);
  return rejectedPoints > 0 ? { rejectedPoints, message: textOf(said.get(2)) } : undefined;
}

/** The message of a google.rpc.Status, with which failures are answered; what is none is a text itself. */
export function failureIn(answer: Uint8Array): string {
  return textOf(fieldsOf(answer).get(2)) || textOf(answer);
}

function writeMetric(to: BinaryWriter, metric: Metric, push: Push, histograms: OtlpHistograms): void {
  const { kind, name, help } = metric;
  text(named(to, name), 2, help);
  const temporality = () => to.tag(2, WireType.Varint).int32(push.isDelta ? DELTA : CUMULATIVE);
  if (kind === 'histogram') {
    const isExplicit = histograms === 'explicit';
    part(to, isExplicit ? 9 : 10, () => {
      for (const point of metric.points) part(to, 1, () => (isExplicit ? explicit : exponential)(to, point, push));
      temporality();
    });
    return;
  }
  part(to, kind === 'counter' ? 7 : 5, () => {
    for (const { labels, value } of metric.points) {
      part(to, 1, () => {
        numberPlace(to, labels, push);
        if (kind === 'counter') to.tag(6, WireType.Bit64).sfixed64(value);
        else to.tag(4, WireType.Bit64).double(value);
      });
    }
    if (kind === 'gauge') return;
    temporality();
    to.tag(3, WireType.Varint).bool(true);
  });
}

function explicit(to: BinaryWriter, { labels, histogram }: HistogramPoint, push: Push): void {
  const count = countOf(histogram);
  times(to, push)
    .tag(4, WireType.Bit64)
    .fixed64(count)
    .tag(5, WireType.Bit64)
    .double(histogram.sumUs / 1e6);
  const upTo = [...classicCounts(histogram), count];
  part(to, 6, () => {
    for (const [i, below] of upTo.entries()) to.fixed64(below - (upTo[i - 1] ?? 0));
  });
  part(to, 7, () => {
    for (const bound of CLASSIC_BOUNDS_S) to.double(bound);
  });
  attributes(to, 9, labels);
  ends(to, 11, histogram, push);
}

function exponential(to: BinaryWriter, { labels, histogram }: HistogramPoint, push: Push): void {
  const { scale, zeroCount, offset, counts } = exponentialOf(histogram);
  attributes(to, 1, labels);
  times(to, push).tag(4, WireType.Bit64).fixed64(countOf(histogram));
  to.tag(5, WireType.Bit64).double(histogram.sumUs / 1e6);
  to.tag(6, WireType.Varint).sint32(scale).tag(7, WireType.Bit64).fixed64(zeroCount);
  part(to, 8, () => {
    to.tag(1, WireType.Varint).sint32(offset);
    part(to, 2, () => {
      for (const count of counts) to.uint64(count);
    });
  });
  ends(to, 12, histogram, push);
}

/** The shortest and the longest; of what was added since the last push they are known to their buckets alone, and left out. */
function ends(to: BinaryWriter, field: number, { minUs, maxUs }: HistogramPoint['histogram'], { isDelta }: Push): void {
  if (isDelta) return;
  to.tag(field, WireType.Bit64).double(minUs / 1e6);
  to.tag(field + 1, WireType.Bit64).double(maxUs / 1e6);
}

/**
 * The name and unit of which Prometheus, and what else knows its rules, makes the name again that it has on control's page:
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 */
function named(to: BinaryWriter, name: string): BinaryWriter {
  const base = name.replace(/_total$/, '').replace('_', '.');
  const [suffix = '', unit] = UNITS.find(([end]) => base.endsWith(end)) ?? [];
  if (unit === undefined) return text(to, 1, base);
  return text(text(to, 1, base.slice(0, -suffix.length)), 3, unit);
}

function numberPlace(to: BinaryWriter, labels: Labels, push: Push): BinaryWriter {
  attributes(to, 7, labels);
  return times(to, push);
}

/** Since when and until when, in nanoseconds since 1970. */
function times(to: BinaryWriter, { startMs, atMs }: Push): BinaryWriter {
  const nanoseconds = (ms: number) => BigInt(ms) * 1_000_000n;
  return to.tag(2, WireType.Bit64).fixed64(nanoseconds(startMs)).tag(3, WireType.Bit64).fixed64(nanoseconds(atMs));
}

function attributes(to: BinaryWriter, field: number, labels: Labels): void {
  for (const [key, value] of Object.entries(labels)) {
    part(to, field, () => {
      text(to, 1, key);
      part(to, 2, () => text(to, 1, value));
    });
  }
}

function text(to: BinaryWriter, field: number, value: string): BinaryWriter {
  return to.tag(field, WireType.LengthDelimited).string(value);
}

/** A message, or a list of numbers, within another. */
function part(to: BinaryWriter, field: number, write: () => void): void {
  to.tag(field, WireType.LengthDelimited).fork();
  write();
  to.join();
}

/** By their numbers; none of what is no message. */
function fieldsOf(message: Uint8Array | number | undefined): ReadonlyMap<number, Uint8Array | number> {
  const fields = new Map<number, Uint8Array | number>();
  if (!(message instanceof Uint8Array)) return fields;
  const reader = new BinaryReader(message);
  try {
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (type === WireType.LengthDelimited) fields.set(field, reader.bytes());
      else if (type === WireType.Varint) fields.set(field, Number(reader.int64()));
      else reader.skip(type);
    }
  } catch {
    return new Map();
  }
  return fields;
}

function textOf(bytes: Uint8Array | number | undefined): string {
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('utf8') : '';
}
