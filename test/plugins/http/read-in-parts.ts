import { READ_FAILED, READ_MORE, ResponseReader } from '../../../plugins/http/response-reader.ts';
import type { CorpusEntry } from './corpus.ts';

const reader = new ResponseReader();
/** Used for each part in turn, as a connection does: what is kept must have been copied. */
const shared = Buffer.alloc(4096);

/**
 * Feeds an answer to the reader in parts.
 * @param cuts where it is cut; those beyond its end are passed over
 * @returns the entry's `expected` as it came out, as JSON
 */
export function readInParts({ bytes, method, closes }: CorpusEntry, cuts: readonly number[]): string {
  reader.expect({
    bodyless: method === 'HEAD',
    keepHead: true,
    keepNavigation: false,
    keepBody: true,
    memory: undefined,
  });
  const edges = [...new Set([0, ...cuts.filter((cut) => cut <= bytes.length), bytes.length])].sort((a, b) => a - b);
  let state: number = READ_MORE;
  for (let i = 1; i < edges.length && state === READ_MORE; i++) {
    const length = shared.write(bytes.slice(edges[i - 1], edges[i]), 'latin1');
    state = reader.read(shared, length);
  }
  if (state === READ_MORE && closes) state = reader.end();
  if (state === READ_MORE) return 'unfinished';
  if (state === READ_FAILED) return JSON.stringify({ failure: reader.failure });
  return JSON.stringify({ status: reader.head.status, body: reader.body.toString('latin1') });
}

/** Why the last answer read was refused; empty when it was not. */
export function lastProblem(): string {
  return reader.failure === '' ? '' : reader.problem;
}
