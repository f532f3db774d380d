import process from 'node:process';
import { z } from 'zod';
import { object } from '../core/plan/fields.ts';
import { defineOutput, PluginError } from '../core/plugin.ts';
import { oneLine } from '../core/text/printable.ts';
import { HttpPost } from './net/http-post.ts';
import { httpUrl } from './net/http-url.ts';
import { postHeaders } from './net/post-headers.ts';
import {
  DEFAULT_URLS,
  destinationOf,
  METRICS_PATH,
  type OtlpDestination,
  PROTOCOLS,
} from './series/otlp-destination.ts';
import { failureIn, otlpRequest, partialSuccessIn } from './series/otlp-message.ts';
import { PushedRun } from './series/pushed-run.ts';

/** The only answers after which a push may come again: https://opentelemetry.io/docs/specs/otlp/#failures-1 */
const BUSY = new Set([429, 502, 503, 504]);

const options = object({
  url: httpUrl()
    .optional()
    .describe(
      `Where the collector is, such as http://collector.example:4318; over HTTP, ${METRICS_PATH} is added. Default: what control's OTEL_EXPORTER_OTLP_ENDPOINT says, or ${DEFAULT_URLS['http/protobuf']}, or with grpc ${DEFAULT_URLS.grpc}.`,
    ),
  protocol: z
    .enum(PROTOCOLS)
    .optional()
    .describe("Default: what control's OTEL_EXPORTER_OTLP_PROTOCOL says, or http/protobuf."),
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
  temporality: z
    .enum(['cumulative', 'delta'])
    .optional()
    .describe(
      "cumulative: counters count since the run start. delta: since the push before, for what adds them up itself. Default: what control's OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE says, or cumulative.",
    ),
});

/** Sends the figures of a run by OTLP, over HTTP or gRPC, in Protocol Buffers: https://opentelemetry.io/docs/specs/otlp/ */
export default defineOutput<z.output<typeof options>>({
  name: 'otlp',
  description: 'Sends the figures of a run to an OpenTelemetry collector, or whatever takes OTLP.',
  options,
  async open({ histograms, ...wishes }, context) {
    const destination = destinationOf(wishes, process.env);
    const { protocol, temporality, timeoutMs, certificates } = destination;
    if (protocol !== 'grpc' && (certificates.authority ?? certificates.own) !== undefined) {
      context.note(
        'certificates of OTEL_EXPORTER_OTLP_… count with grpc alone: for HTTP, start control with NODE_EXTRA_CA_CERTS',
      );
    }
    const receiver = await receiverAt(destination);
    const { place } = receiver;
    return new PushedRun(context, {
      temporality,
      async send(push, signal) {
        const late = AbortSignal.timeout(timeoutMs);
        const answer = await receiver
          .send(otlpRequest(push, histograms), AbortSignal.any([signal, late]))
          .catch((error) => {
            if (!late.aborted || signal.aborted) throw error;
            throw new PluginError(`${place} has not answered within ${timeoutMs / 1000} s`);
          });
        // A receiver may take a part of the points: https://opentelemetry.io/docs/specs/otlp/#partial-success
        const partial = partialSuccessIn(answer);
        return partial && `${place} has not taken ${partial.rejectedPoints} points: ${oneLine(partial.message)}`;
      },
      close: () => receiver.close?.(),
    });
  },
});

interface Receiver {
  readonly place: string;
  send(body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<Uint8Array>;
  close?(): void;
}

async function receiverAt({ protocol, url, headers, certificates }: OtlpDestination): Promise<Receiver> {
  if (protocol !== 'grpc') {
    const whole = { ...headers, 'content-type': 'application/x-protobuf' };
    return new HttpPost(url, whole, (status) => BUSY.has(status), failureIn);
  }
  const { OtlpGrpc } = await import('./series/otlp-grpc.ts');
  return new OtlpGrpc(url, headers, certificates);
}
