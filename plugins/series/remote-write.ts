import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { classicSamples } from '../../core/series/classic.ts';
import { exponentialOf } from '../../core/series/exponential.ts';
import type { HistogramPoint, Labels, Metric } from '../../core/series/series.ts';
import { countOf } from '../../core/stats/merge-encoded.ts';
import type { Push } from './pushed-run.ts';

/** A value that says that a series has ended: https://prometheus.io/docs/specs/prw/remote_write_spec/#stale-markers */
const STALE = 0x7ff0000000000002n;

const METRIC_TYPES = { counter: 1, gauge: 2, histogram: 3 } as const;

/** How histograms are sent: `native` ones are finer, and Prometheus takes them only where that is switched on. */
export type HistogramForm = 'classic' | 'native';

/**
 * A `prometheus.WriteRequest` of remote write 1.0 (https://prometheus.io/docs/specs/prw/remote_write_spec/). The numbers of fields are
 * those of https://github.com/prometheus/prometheus/tree/main/prompb.
 */
export function writeRequest({ metrics, ended, atMs }: Push, form: HistogramForm): Uint8Array {
  const request = new BinaryWriter();
  for (const metric of metrics) {
    if (metric.kind === 'histogram' && form === 'native') {
      for (const point of metric.points) nativeSeries(request, metric.name, point, atMs);
    } else {
      for (const { name, labels, value } of classicSamples(metric)) {
        series(request, name, labels, (sample) => sample.tag(1, WireType.Bit64).double(value), atMs);
      }
    }
  }
  for (const { name, labels } of ended) {
    for (const of of labels) series(request, name, of, (sample) => sample.tag(1, WireType.Bit64).fixed64(STALE), atMs);
  }
  for (const metric of metrics) metadata(request, metric);
  return request.finish();
}

function series(
  request: BinaryWriter,
  name: string,
  labels: Labels,
  value: (sample: BinaryWriter) => BinaryWriter,
  atMs: number,
): void {
  request.tag(1, WireType.LengthDelimited).fork();
  writeLabels(request, name, labels);
  value(request.tag(2, WireType.LengthDelimited).fork()).tag(2, WireType.Varint).int64(atMs).join();
  request.join();
}

function nativeSeries(request: BinaryWriter, name: string, { labels, histogram }: HistogramPoint, atMs: number): void {
  const { scale, zeroCount, offset, counts } = exponentialOf(histogram);
  request.tag(1, WireType.LengthDelimited).fork();
  writeLabels(request, name, labels);
  request.tag(4, WireType.LengthDelimited).fork();
  request.tag(1, WireType.Varint).uint64(countOf(histogram));
  request.tag(3, WireType.Bit64).double(histogram.sumUs / 1e6);
  request.tag(4, WireType.Varint).sint32(scale);
  request.tag(6, WireType.Varint).uint64(zeroCount);
  if (counts.length > 0) {
    request.tag(11, WireType.LengthDelimited).fork();
    // Prometheus numbers a bucket by its upper bound, OpenTelemetry by its lower one.
    request.tag(1, WireType.Varint).sint32(offset + 1);
    request.tag(2, WireType.Varint).uint32(counts.length).join();
    request.tag(12, WireType.LengthDelimited).fork();
    for (const [i, count] of counts.entries()) request.sint64(count - (counts[i - 1] ?? 0));
    request.join();
  }
  request.tag(15, WireType.Varint).int64(atMs).join().join();
}

/** In the order of their names; an empty one is the same as none. */
function writeLabels(series: BinaryWriter, metric: string, labels: Labels): void {
  const all = Object.entries({ __name__: metric, ...labels }).filter(([, value]) => value !== '');
  for (const [name, value] of all.sort(([a], [b]) => (a < b ? -1 : 1))) {
    series.tag(1, WireType.LengthDelimited).fork();
    series.tag(1, WireType.LengthDelimited).string(name);
    series.tag(2, WireType.LengthDelimited).string(value).join();
  }
}

function metadata(request: BinaryWriter, { name, kind, help }: Metric): void {
  request.tag(3, WireType.LengthDelimited).fork();
  request.tag(1, WireType.Varint).int32(METRIC_TYPES[kind]);
  request.tag(2, WireType.LengthDelimited).string(name);
  request.tag(4, WireType.LengthDelimited).string(help).join();
}

const LENGTH_OF_FOUR_BYTES = 63 << 2;

/**
 * Bytes in the block format of Snappy, not made smaller: one literal after the length.
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
export function snappyLiteral(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const head: number[] = [];
  let length = bytes.length;
  for (; length > 127; length >>>= 7) head.push((length & 127) | 128);
  head.push(length);
  if (bytes.length > 0) {
    head.push(LENGTH_OF_FOUR_BYTES);
    for (let shift = 0; shift < 32; shift += 8) head.push(((bytes.length - 1) >>> shift) & 255);
  }
  const block = new Uint8Array(head.length + bytes.length);
  block.set(head);
  block.set(bytes, head.length);
  return block;
}
