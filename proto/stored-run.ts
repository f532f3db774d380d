import { constants } from 'node:buffer';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip, gunzip } from 'node:zlib';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { BenchError, errorMessage } from '../core/error.ts';
import type { GetRunResponse, GetRunResponseSchema, RunSummary } from './gen/bench/v1/run_pb.ts';

/** A reader that takes a piece within half a minute is not taken for a stalled one, and even a slow link can do that. */
const PIECE_BYTES = 256 * 1024;
/** The most that a reader accepts of one result is what fits into one text of its runtime: 537 MB on Node and Deno, 2.1 GB on Bun. */
const MAX_RESULT_BYTES = constants.MAX_STRING_LENGTH;

/** A run as GetRun returns it. */
export interface StoredRunMessage {
  readonly summary: RunSummary;
  /** The RunResult as JSON; undefined when the run has none. */
  readonly resultJson: string | undefined;
}

/**
 * Compresses a result for {@link runMessages}: RunResult as UTF-8 JSON in gzip.
 * @param json the text in pieces, of which each is asked for when there is room for it
 */
export async function packResult(json: Iterable<string>): Promise<Uint8Array> {
  const zip = createGzip();
  const [packed] = await Promise.all([buffer(zip), pipeline(Readable.from(json), zip)]);
  return packed;
}

/**
 * Yields the messages that answer GetRun.
 * @param result as {@link packResult} returns it, whole or in pieces of any size; nothing when there is none
 */
export async function* runMessages(
  summary: Extract<MessageInitShape<typeof GetRunResponseSchema>['part'], { case: 'summary' }>['value'],
  result: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<MessageInitShape<typeof GetRunResponseSchema>, void, undefined> {
  yield { part: { case: 'summary', value: summary } };
  for await (const piece of result) {
    for (let from = 0; from < piece.length; from += PIECE_BYTES) {
      const value = piece.subarray(from, from + PIECE_BYTES) as Uint8Array<ArrayBuffer>;
      yield { part: { case: 'resultGzip', value } };
    }
  }
}

/**
 * Collects the answer to GetRun.
 * @throws {RpcError} when the call fails
 * @throws {BenchError} when the answer cannot be read
 */
export async function readRun(messages: AsyncIterable<GetRunResponse>): Promise<StoredRunMessage> {
  let summary: RunSummary | undefined;
  const pieces: Uint8Array[] = [];
  for await (const { part } of messages) {
    if (part.case === 'summary') summary = part.value;
    if (part.case === 'resultGzip') pieces.push(part.value);
  }
  if (summary === undefined) throw new BenchError('protocol_broken', 'control has sent no summary of the run');
  return { summary, resultJson: pieces.length === 0 ? undefined : await unpackResult(pieces) };
}

/** Reads only the summary and cancels the rest of the call. @throws as {@link readRun} does */
export async function readRunSummary(messages: AsyncIterable<GetRunResponse>): Promise<RunSummary> {
  for await (const { part } of messages) if (part.case === 'summary') return part.value;
  throw new BenchError('protocol_broken', 'control has sent no summary of the run');
}

/**
 * The opposite of {@link packResult}.
 * @param maxBytes of the text
 * @throws {BenchError} when it cannot be read
 */
export async function unpackResult(pieces: readonly Uint8Array[], maxBytes = MAX_RESULT_BYTES): Promise<string> {
  try {
    const bytes = await promisify(gunzip)(Buffer.concat(pieces), { maxOutputLength: maxBytes });
    return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      const message = `the result has more than the ${Math.floor(maxBytes / 1e6)} MB that this runtime can read: the run is stored whole, and \`bench report\` on Bun reads up to 2147 MB`;
      throw new BenchError('result_too_large', message, { cause: error });
    }
    throw new BenchError('protocol_broken', `the result that control has sent cannot be read: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}
