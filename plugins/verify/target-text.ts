import { randomStream } from '../../core/plan/random.ts';
import { type DriverContext, PluginError, type StepContext } from '../../core/plugin.ts';
import { dealAllHere } from '../../core/script/dealt-indices.ts';
import { openHttpClient } from '../http/connections/client.ts';
import { UnreachableError } from '../http/connections/open-origin.ts';
import { ScriptClient } from '../http/script/script-client.ts';
import { ScriptHttp } from '../http/script/script-http.ts';
import { type ConnectionOptions, httpSettings } from '../http/settings.ts';
import type { TargetAddress } from '../net/target-address.ts';

/** Counts of a million devices fit into it. */
const ANSWER_LIMIT_BYTES = 64 * 1024 * 1024;
/** Names, numbers and lists of an answer: each takes a hundred times the bytes that it may have there. */
const MAX_VALUES = 2_000_000;
/** Counting millions of rows takes longer than any request of the load. */
const ANSWER_LIMIT = '10m';

/** What is asked of the target. */
export interface Question {
  /** With its query; appended to the target's own path. */
  readonly path: string;
  /** As messages call it. */
  readonly name: string;
}

/**
 * One GET outside the load, over a connection that is made as the load's are: through the same proxy, with the same TLS, from
 * and to the same addresses.
 * @returns the body
 * @throws {PluginError} that begins with what cannot be done, when there is no answer with status 200, and the signal's reason
 */
export async function textOfTarget(
  address: TargetAddress,
  options: ConnectionOptions,
  { path, name }: Question,
  context: StepContext,
  signal: AbortSignal,
): Promise<string> {
  const { limits, connection } = httpSettings(options);
  const settings = { limits, connection: { ...connection, connections: 'per-request' as const } };
  const client = await openHttpClient(address, settings, outsideLoad(context)).catch((error: unknown) => {
    if (!(error instanceof UnreachableError)) throw error;
    const through = connection.proxy === undefined ? '' : ` through the proxy ${connection.proxy.url}`;
    throw problem(`${name} cannot be reached at ${address.url}${through}: ${error.failure.reason}`, error);
  });
  const user = { index: 0, random: randomStream(0, 0), variables: new Map(), wantsDetail: () => false };
  const scope = { ...user, vu: 1, iteration: 0, runId: context.runId, rows: [] };
  const scripts = new ScriptClient(client, address.basePath, [], { userAgent: undefined, redirects: 0 });
  const http = new ScriptHttp(scripts, user, scope, undefined, signal);
  try {
    const answer = await http.get(path, { name, timeout: ANSWER_LIMIT, maxBodyBytes: ANSWER_LIMIT_BYTES });
    signal.throwIfAborted();
    if (answer.status === 0) throw problem(answer.message);
    if (answer.status !== 200) throw problem(`${name} answered ${answer.status}`);
    if (!answer.ok) throw problem(answer.message);
    if (answer.bytesReceived > ANSWER_LIMIT_BYTES) throw problem(`${name} answered more than 64 MiB`);
    const text = answer.text();
    if (hasMoreValues(text, MAX_VALUES)) {
      throw problem(`${name} answered with more than ${MAX_VALUES.toLocaleString('en')} values`);
    }
    return text;
  } finally {
    http.close();
    client.close();
  }
}

/** Counts what separates values of JSON, also within texts: nobody gives so many devices names with commas. */
function hasMoreValues(text: string, most: number): boolean {
  let values = 0;
  for (const separator of [',', '[', '{']) {
    for (let at = text.indexOf(separator); at >= 0 && values <= most; at = text.indexOf(separator, at + 1)) values += 1;
  }
  return values > most;
}

function problem(text: string, cause?: unknown): PluginError {
  return new PluginError(`stored rows cannot be counted: ${text}`, { cause });
}

/** For connections outside the load: nothing is measured there. */
export function outsideLoad({ runId, target, baseDirectory, progress }: StepContext): DriverContext {
  return {
    runId,
    target,
    baseDirectory,
    nowUs: () => 0,
    timing: () => ({ recordUs: () => {} }),
    ratio: () => ({ add: () => {}, void: () => {} }),
    tally: () => ({ acknowledged: 0, unknown: 0 }),
    deal: dealAllHere,
    shared: (make) => make(),
    warn: progress,
  };
}
