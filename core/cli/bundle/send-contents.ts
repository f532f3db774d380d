import { createReadStream } from 'node:fs';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { RunService, SendContentsRequestSchema } from '../../../proto/gen/bench/v1/run_pb.ts';
import type { ServiceClient } from '../../../proto/rpc/rpc-client.ts';
import { BenchError } from '../../error.ts';
import type { PlanBundle } from './plan-bundle.ts';

type Part = NonNullable<MessageInitShape<typeof SendContentsRequestSchema>['part']>;

const PIECE_BYTES = 1 << 20;
/** Pieces on their way at once. */
const MAX_UNANSWERED = 8;

/**
 * Sends the contents that control lacks.
 * @throws {RpcError} when control cannot be reached, or does not take one
 */
export async function sendContents(
  client: Pick<ServiceClient<typeof RunService>, 'sendContents'>,
  { entries, contents }: PlanBundle,
): Promise<void> {
  if (entries.length === 0) return;
  const stream = client.sendContents();
  const answers = stream.messages[Symbol.asyncIterator]();
  let unanswered = 0;
  const answer = async () => {
    unanswered--;
    const { value, done } = await answers.next();
    if (done) throw new BenchError('protocol_broken', 'control has ended the sending of the files');
    return value.isWanted;
  };
  const send = (part: Part) => {
    stream.send({ part });
    unanswered++;
  };
  const sizes = new Map(entries.map(({ sha256, bytes }) => [sha256, bytes]));
  try {
    for (const [sha256, content] of contents) {
      send({ case: 'header', value: { sha256, bytes: sizes.get(sha256) ?? 0 } });
      if (!(await answer())) continue;
      for await (const piece of piecesOf(content)) {
        send({ case: 'piece', value: piece as Uint8Array<ArrayBuffer> });
        if (unanswered >= MAX_UNANSWERED) await answer();
      }
      while (unanswered > 0) await answer();
    }
    stream.end();
    await answers.next();
  } finally {
    stream.cancel();
  }
}

/** A content as it is sent and kept. @param content itself, or the path of its file */
export async function* piecesOf(content: Uint8Array | string): AsyncGenerator<Uint8Array, void, undefined> {
  if (typeof content === 'string') {
    yield* createReadStream(content, { highWaterMark: PIECE_BYTES }) as AsyncIterable<Uint8Array>;
    return;
  }
  for (let from = 0; from < content.length; from += PIECE_BYTES) yield content.subarray(from, from + PIECE_BYTES);
}
