import { PluginError } from '../../core/plugin.ts';
import { decoded } from '../../core/secrets/database-url.ts';
import type { Environment } from '../../core/secrets/reference.ts';
import type { GrpcCertificates } from './otlp-grpc.ts';
import type { Temporality } from './pushed-run.ts';

export const METRICS_PATH = '/v1/metrics';
export const PROTOCOLS = ['http/protobuf', 'grpc'] as const;
export const DEFAULT_URLS = { 'http/protobuf': 'http://localhost:4318', grpc: 'http://localhost:4317' } as const;
const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_TIMEOUT_MS = 3_600_000;

export type OtlpProtocol = (typeof PROTOCOLS)[number];

/** Where a run's figures go, and how. */
export interface OtlpDestination {
  readonly protocol: OtlpProtocol;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly temporality: Temporality;
  readonly timeoutMs: number;
  readonly certificates: GrpcCertificates;
}

/** What a plan says of it. */
export type OtlpWishes = {
  readonly [Name in 'protocol' | 'url' | 'headers' | 'temporality']?: OtlpDestination[Name] | undefined;
};

/**
 * What the plan leaves open is as the variables of https://opentelemetry.io/docs/specs/otel/protocol/exporter/ say. What they say of
 * headers is for the receiver that they name, and for no other.
 * @throws {PluginError} when they cannot be followed
 */
export function destinationOf(wishes: OtlpWishes, environment: Environment): OtlpDestination {
  const nameOf = (name: string) => {
    const own = `OTEL_EXPORTER_OTLP_METRICS_${name}`;
    return environment[own] ? own : `OTEL_EXPORTER_OTLP_${name}`;
  };
  const of = (name: string) => environment[nameOf(name)] || undefined;
  const oneOf = <Value extends string>(variable: string, value: string, known: readonly Value[]): Value => {
    const found = known.find((one) => one === value.trim().toLowerCase());
    if (found !== undefined) return found;
    throw new PluginError(`${variable} is ${value}; known here: ${known.join(', ')}`);
  };
  const protocol = wishes.protocol ?? oneOf(nameOf('PROTOCOL'), of('PROTOCOL') ?? PROTOCOLS[0], PROTOCOLS);
  const withPath = (url: string) => (protocol === 'grpc' ? url : withMetricsPath(url));
  const url =
    wishes.url !== undefined
      ? withPath(wishes.url)
      : environment.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT || withPath(of('ENDPOINT') ?? DEFAULT_URLS[protocol]);
  const preference = 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE';
  const preferred = oneOf(preference, environment[preference] || 'cumulative', ['cumulative', 'delta', 'lowmemory']);
  const timeoutMs = Number(of('TIMEOUT') ?? DEFAULT_TIMEOUT_MS);
  if (!(Number.isInteger(timeoutMs) && timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS)) {
    throw new PluginError(`${nameOf('TIMEOUT')} must be a whole number of milliseconds from 1 to ${MAX_TIMEOUT_MS}`);
  }
  // Like the headers, they are for the receiver that the environment names.
  const isOwn = wishes.url === undefined;
  const [certificate, key] = isOwn ? [of('CLIENT_CERTIFICATE'), of('CLIENT_KEY')] : [];
  return {
    protocol,
    url,
    headers: wishes.headers ?? (isOwn ? headersIn(of('HEADERS') ?? '') : {}),
    temporality: wishes.temporality ?? (preferred === 'cumulative' ? 'cumulative' : 'delta'),
    timeoutMs,
    certificates: {
      authority: of('CERTIFICATE'),
      own: certificate !== undefined && key !== undefined ? { certificate, key } : undefined,
    },
  };
}

function withMetricsPath(url: string): string {
  const whole = URL.parse(url);
  if (whole === null) return url;
  const path = whole.pathname.replace(/(?<!\/)\/+$/, '');
  whole.pathname = path.endsWith(METRICS_PATH) ? path : path + METRICS_PATH;
  return whole.href;
}

/** `name=value` with commas between, as in W3C Baggage: percent-encoded. */
function headersIn(text: string): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair.includes('='));
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())];
    }),
  );
}
