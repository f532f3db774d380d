import process from 'node:process';
import { z } from 'zod';
import { object } from '../core/plan/fields.ts';
import { defineOutput, PluginError } from '../core/plugin.ts';
import { decoded } from '../core/secrets/database-url.ts';
import type { Environment } from '../core/secrets/reference.ts';
import { oneLine } from '../core/text/printable.ts';
import { HttpPost } from './net/http-post.ts';
import { httpUrl } from './net/http-url.ts';
import { postHeaders } from './net/post-headers.ts';
import { type OtlpHistograms, otlpRequest } from './series/otlp-json.ts';
import { type Push, PushedRun } from './series/pushed-run.ts';

const METRICS_PATH = '/v1/metrics';
const DEFAULT_URL = 'http://localhost:4318';

/** The only answers after which a push may come again: https://opentelemetry.io/docs/specs/otlp/#failures-1 */
const BUSY = new Set([429, 502, 503, 504]);

const options = object({
  url: httpUrl()
    .optional()
    .describe(
      `Where the collector is, such as http://collector.example:4318; ${METRICS_PATH} is added. Default: what control's OTEL_EXPORTER_OTLP_ENDPOINT says, or ${DEFAULT_URL}.`,
    ),
  headers: postHeaders
    .optional()
    .describe(
      `Headers of each request, such as authorization: "Bearer \${env:TOKEN}". Default, without a url: those of OTEL_EXPORTER_OTLP_HEADERS.`,
    ),
  histograms: z
    .enum(['exponential', 'explicit'])
    .default('exponential')
    .describe(
      "exponential: in steps of 2.2 %. explicit: with the 16 bounds of control's page, for what takes no others.",
    ),
});

/** Sends the figures of a run by OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp), in JSON, which needs no code of its own. */
export default defineOutput<z.output<typeof options>>({
  name: 'otlp',
  description: 'Sends the figures of a run to an OpenTelemetry collector, or whatever takes OTLP over HTTP.',
  options,
  open(options, context) {
    const { url, headers } = destinationOf(options, process.env);
    const whole = { ...headers, 'content-type': 'application/json' };
    const receiver = new HttpPost(url, whole, (status) => BUSY.has(status));
    return new PushedRun(context, (push, signal) => send(receiver, push, options.histograms, signal));
  },
});

async function send(
  receiver: HttpPost,
  push: Push,
  histograms: OtlpHistograms,
  signal: AbortSignal,
): Promise<string | undefined> {
  return rejectionIn(await receiver.send(otlpRequest(push, histograms), signal), receiver.place);
}

/** A receiver may take a part of the points: https://opentelemetry.io/docs/specs/otlp/#partial-success */
function rejectionIn(answer: string, place: string): string | undefined {
  let said: { readonly partialSuccess?: { readonly rejectedDataPoints?: unknown; readonly errorMessage?: unknown } };
  try {
    said = JSON.parse(answer) ?? {};
  } catch {
    return undefined;
  }
  const { rejectedDataPoints, errorMessage = '' } = said.partialSuccess ?? {};
  if (!(Number(rejectedDataPoints) > 0)) return undefined;
  return `${place} has not taken ${Number(rejectedDataPoints)} points: ${oneLine(String(errorMessage))}`;
}

interface Destination {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The variables of https://opentelemetry.io/docs/specs/otel/protocol/exporter/. What they say of headers is for the receiver that
 * they name, and for no other.
 * @throws {PluginError} when they ask for gRPC
 */
function destinationOf({ url, headers }: z.output<typeof options>, environment: Environment): Destination {
  if (url !== undefined) return { url: withPath(url), headers: headers ?? {} };
  const of = (name: string) =>
    environment[`OTEL_EXPORTER_OTLP_METRICS_${name}`] || environment[`OTEL_EXPORTER_OTLP_${name}`] || '';
  if (of('PROTOCOL') === 'grpc') {
    throw new PluginError('OTEL_EXPORTER_OTLP_PROTOCOL asks for grpc, and OTLP goes out over HTTP: give a url');
  }
  return {
    url: environment.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT || withPath(of('ENDPOINT') || DEFAULT_URL),
    headers: headers ?? headersIn(of('HEADERS')),
  };
}

function withPath(url: string): string {
  const whole = URL.parse(url);
  if (whole === null) return url;
  const path = whole.pathname.replace(/\/+$/, '');
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
