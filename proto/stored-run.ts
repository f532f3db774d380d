import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { errorMessage } from '../core/error.ts';
import type { GetRunResponse, GetRunResponseSchema, RunSummary } from './gen/bench/v1/run_pb.ts';

const PIECE_BYTES = 1024 * 1024;
/** What a reader takes of one result: beyond any run, and below what a runtime can hold as one text. */
const MAX_RESULT_BYTES = 1024 ** 3;

/** A run as GetRun tells of it. */
export interface StoredRunMessage {
  readonly summary: RunSummary;
  /** RunResult as JSON; undefined when the run has none. */
  readonly resultJson: string | undefined;
}

/** @returns what {@link runMessages} sends: RunResult as UTF-8 JSON in gzip */
export async function packResult(resultJson: string): Promise<Uint8Array> {
  return promisify(gzip)(resultJson);
}

/**
 * The answer to GetRun, message by message.
 * @param result of {@link packResult}, whole or in pieces of any size; nothing when there is none
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

/** @throws an `RpcError` when the call fails, and an Error when what came cannot be read */
export async function readRun(messages: AsyncIterable<GetRunResponse>): Promise<StoredRunMessage> {
  let summary: RunSummary | undefined;
  const pieces: Uint8Array[] = [];
  for await (const { part } of messages) {
    if (part.case === 'summary') summary = part.value;
    if (part.case === 'resultGzip') pieces.push(part.value);
  }
  if (summary === undefined) throw new Error('control has sent no summary of the run');
  return { summary, resultJson: pieces.length === 0 ? undefined : await unpack(pieces) };
}

/** The summary alone: what follows it is not fetched. */
export async function readRunSummary(messages: AsyncIterable<GetRunResponse>): Promise<RunSummary> {
  for await (const { part } of messages) if (part.case === 'summary') return part.value;
  throw new Error('control has sent no summary of the run');
}

async function unpack(pieces: readonly Uint8Array[]): Promise<string> {
  try {
    const bytes = await promisify(gunzip)(Buffer.concat(pieces), { maxOutputLength: MAX_RESULT_BYTES });
    return bytes.toString('utf8');
  } catch (error) {
    throw new Error(`the result that control has sent cannot be read: ${errorMessage(error)}`);
  }
}
