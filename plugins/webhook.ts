import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Output, OutputContext, OutputSecond, RunSoFar } from '../core/output.ts';
import { object } from '../core/plan/fields.ts';
import { defineOutput, PluginError } from '../core/plugin.ts';
import { isReference } from '../core/secrets/reference.ts';
import type { RunResult } from '../core/stats/result.ts';
import { outcomeOf } from '../core/verdict/conclusion/run-outcome.ts';
import { HttpPost } from './net/http-post.ts';
import { httpUrl } from './net/http-url.ts';

const SECRET_PREFIX = 'whsec_';

const options = object({
  url: httpUrl().describe(`Where events are posted to, such as https://hooks.example/bench; it may be \${env:NAME}.`),
  on: z
    .array(z.enum(['end', 'verdict-change']))
    .min(1, { error: 'must name at least one event' })
    .default(['end'])
    .describe('When something is posted: at the end of the run, and as soon as its criteria fail or hold again.'),
  secret: z
    .string()
    .refine(isReference, {
      error: `must be \${env:NAME} or \${file:path}, because plans are stored and printed`,
    })
    .optional()
    .describe('What events are signed with: whsec_ and base64, as receivers of Standard Webhooks show it.'),
});

/**
 * Posts events of a run: CloudEvents 1.0 in JSON (https://github.com/cloudevents/spec), signed as Standard Webhooks are
 * (https://www.standardwebhooks.com).
 */
export default defineOutput<z.output<typeof options>>({
  name: 'webhook',
  description:
    'Posts the end of a run, and changes of its verdict, as CloudEvents with the signature of Standard Webhooks.',
  options,
  open({ url, on, secret }, context) {
    return new Webhook(url, new Set(on), secret === undefined ? undefined : keyOf(secret), context);
  },
});

/** One event. The id is the same when it is posted again. */
interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  /** When it happened, RFC 3339. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: object;
}

class Webhook implements Output {
  readonly #receiver: HttpPost;
  readonly #on: ReadonlySet<'end' | 'verdict-change'>;
  readonly #key: Buffer | undefined;
  readonly #context: OutputContext;
  /** What was posted last; a run begins as one that passes. */
  #verdict: RunSoFar['verdict'] = 'pass';

  constructor(url: string, on: ReadonlySet<'end' | 'verdict-change'>, key: Buffer | undefined, context: OutputContext) {
    const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
    // A receiver may be mended while the run goes on.
    this.#receiver = new HttpPost(url, headers, () => true);
    this.#on = on;
    this.#key = key;
    this.#context = context;
  }

  async second({ startedAt, soFar }: OutputSecond, signal: AbortSignal): Promise<void> {
    if (soFar === undefined || soFar.verdict === this.#verdict || !this.#on.has('verdict-change')) return;
    const { seconds, verdict, thresholds } = soFar;
    const data = { verdict, before: this.#verdict, second: seconds, thresholds };
    await this.#post('verdict-changed', `verdict-${seconds}`, timeOf(startedAt, seconds * 1e6), data, signal);
    this.#verdict = verdict;
  }

  async end(result: RunResult, signal: AbortSignal): Promise<void> {
    if (!this.#on.has('end')) return;
    const { startedAt, ending, warmupUs, measuredUs, verdict, validity, thresholds, operations } = result;
    const total = (figure: 'requests' | 'errors') =>
      operations.reduce((sum, { phases: { warmup, measure } }) => sum + warmup[figure] + measure[figure], 0);
    const data = {
      outcome: outcomeOf(result),
      verdict,
      ending,
      startedAt,
      warmupUs,
      measuredUs,
      requests: total('requests'),
      errors: total('errors'),
      thresholds,
      validity: validity.filter(({ ok }) => !ok),
    };
    await this.#post('ended', 'end', timeOf(startedAt, warmupUs + measuredUs), data, signal);
  }

  close(): void {}

  async #post(type: string, id: string, time: string, data: object, signal: AbortSignal): Promise<void> {
    const { runId, plan, target } = this.#context;
    const event: CloudEvent = {
      specversion: '1.0',
      id: `${runId}-${id}`,
      source: `/bench/runs/${runId}`,
      type: `bench.run.${type}`,
      subject: plan,
      time,
      datacontenttype: 'application/json',
      data: { runId, plan, target, ...data },
    };
    const body = JSON.stringify(event);
    await this.#receiver.send(body, signal, this.#signed(event.id, body));
  }

  /** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#webhook-headers-sending-metadata-to-consumers */
  #signed(id: string, body: string): Record<string, string> {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
    if (this.#key === undefined) return headers;
    const signature = createHmac('sha256', this.#key).update(`${id}.${timestamp}.${body}`).digest('base64');
    return { ...headers, 'webhook-signature': `v1,${signature}` };
  }
}

function timeOf(startedAt: string, us: number): string {
  return new Date(Date.parse(startedAt) + us / 1000).toISOString();
}

/** @throws {PluginError} when it is none */
function keyOf(secret: string): Buffer {
  const text = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : '';
  const key = Buffer.from(text, 'base64');
  if (key.length > 0 && key.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '')) return key;
  throw new PluginError(`the secret must be ${SECRET_PREFIX} and base64, as the receiver shows it`);
}
