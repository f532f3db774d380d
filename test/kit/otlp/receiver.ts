import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFileRegistry, fromBinary, fromJson, type JsonValue, toBinary, toJson } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { Test } from 'tap';

/**
 * The official schema, https://github.com/open-telemetry/opentelemetry-proto at ac2c4b5d1f3a6079de62f9afec860158ecc8af09, made by
 * `buf build --exclude-source-info -o metrics-service.binpb` of opentelemetry/proto: collector/metrics, metrics, common, resource.
 */
const SCHEMA = readFileSync(new URL('metrics-service.binpb', import.meta.url));
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, SCHEMA));
const REQUEST = 'opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest';
const ANSWER = 'opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse';

/** A metric as the JSON mapping of Protocol Buffers has it, with default values left out. */
export interface ReceivedMetric {
  readonly name: string;
  readonly description?: string;
  readonly unit?: string;
  readonly sum?: {
    readonly aggregationTemporality: string;
    readonly isMonotonic: boolean;
    readonly dataPoints: ReceivedPoint[];
  };
  readonly gauge?: { readonly dataPoints: ReceivedPoint[] };
  readonly histogram?: { readonly aggregationTemporality: string; readonly dataPoints: ReceivedPoint[] };
  readonly exponentialHistogram?: { readonly aggregationTemporality: string; readonly dataPoints: ReceivedPoint[] };
}

export interface ReceivedPoint {
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[];
  readonly startTimeUnixNano?: string;
  readonly timeUnixNano: string;
  readonly asInt?: string;
  readonly asDouble?: number;
  readonly flags?: number;
  readonly count?: string;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  readonly scale?: number;
  readonly zeroCount?: string;
  readonly explicitBounds?: readonly number[];
  readonly bucketCounts?: readonly string[];
  readonly positive?: { readonly offset?: number; readonly bucketCounts: readonly string[] };
}

export interface ReceivedPush {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly resource: readonly ReceivedPoint['attributes'][number][];
  readonly metrics: readonly ReceivedMetric[];
}

/** What a receiver answers: a status, or a body with 200. */
export type Answer = number | object;

/** @throws {Error} for what is no request by the official schema, unknown fields included */
export function decodedPush(body: Uint8Array): Pick<ReceivedPush, 'resource' | 'metrics'> {
  const schema = messageType(REQUEST);
  const message = fromBinary(schema, body);
  const known = toBinary(schema, message, { writeUnknownFields: false });
  if (known.length !== toBinary(schema, message).length) throw new Error('there are unknown fields');
  const { resourceMetrics } = toJson(schema, message, { registry }) as unknown as {
    resourceMetrics: {
      resource: { attributes: ReceivedPush['resource'] };
      scopeMetrics: { metrics: ReceivedMetric[] }[];
    }[];
  };
  const [{ resource, scopeMetrics }] = resourceMetrics as [(typeof resourceMetrics)[number]];
  return { resource: resource.attributes, metrics: scopeMetrics.flatMap(({ metrics }) => metrics) };
}

function messageType(name: string) {
  const schema = registry.getMessage(name);
  if (schema === undefined) throw new Error(`the schema has no ${name}`);
  return schema;
}

/** @param said an ExportMetricsServiceResponse in JSON */
export function encodedAnswer(said: object): Buffer {
  const schema = messageType(ANSWER);
  return Buffer.from(toBinary(schema, fromJson(schema, said as JsonValue)));
}

/** Takes what is posted, and answers with these, the last one from then on; what is no OTLP is answered with 400. */
export async function otlpReceiver(t: Pick<Test, 'teardown'>, ...answers: Answer[]) {
  const pushes: ReceivedPush[] = [];
  const faults: string[] = [];
  let calls = 0;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => void pieces.push(piece));
    request.on('end', () => {
      calls++;
      const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? {};
      if (typeof answer === 'number') {
        response.writeHead(answer).end();
        return;
      }
      try {
        pushes.push({ url: request.url ?? '', headers: request.headers, ...decodedPush(Buffer.concat(pieces)) });
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(encodedAnswer(answer));
      } catch (error) {
        faults.push(String(error));
        response.writeHead(400).end(String(error));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { pushes, faults, calls: () => calls, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** The points of a metric that have these attributes. */
export function pointsOf(
  metrics: readonly ReceivedMetric[],
  name: string,
  wanted: Readonly<Record<string, string>> = {},
): ReceivedPoint[] {
  const points = metrics
    .filter((metric) => metric.name === name)
    .flatMap(
      ({ sum, gauge, histogram, exponentialHistogram }) =>
        (sum ?? gauge ?? histogram ?? exponentialHistogram)?.dataPoints ?? [],
    );
  return points.filter(({ attributes }) => {
    const own = Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
    return Object.entries(wanted).every(([key, value]) => own[key] === value);
  });
}
