import { open } from 'node:fs/promises';
import { RpcError, type ServerStream } from '../../../proto/adapter.ts';
import type { SendContentsRequest, SendContentsResponse } from '../../../proto/gen/bench/v1/run_pb.ts';
import type { ContentCache, IncomingContent } from '../../bundle/content-cache.ts';
import type { OpenBundle } from '../../bundle/open-bundle.ts';
import { BenchError } from '../../error.ts';
import { bundleProblem } from '../../plan/bundle.ts';

const PIECE_BYTES = 256 << 10;

/** Takes the contents of bundle entries from somebody who is about to start a run. */
export async function receiveContents(
  stream: ServerStream<SendContentsRequest, { isWanted: SendContentsResponse['isWanted'] }>,
  cache: ContentCache,
): Promise<void> {
  let incoming: IncomingContent | undefined;
  try {
    for await (const { part } of stream.messages) {
      if (part.case === 'header') {
        if (incoming !== undefined) throw new RpcError('INVALID_ARGUMENT', 'a content has ended before its last piece');
        const { sha256, bytes } = part.value;
        const problem = bundleProblem([{ kind: 'file', name: 'the content', sha256, bytes }]);
        if (problem !== undefined) throw new RpcError('INVALID_ARGUMENT', problem);
        if (!(await cache.has({ sha256, bytes }))) incoming = await cache.receive({ sha256, bytes });
        stream.send({ isWanted: incoming !== undefined });
      } else if (part.case === 'piece') {
        if (incoming === undefined) throw new RpcError('INVALID_ARGUMENT', 'a piece has come that nobody waits for');
        await incoming.write(part.value);
        stream.send({ isWanted: true });
      }
      // An empty content has no piece.
      if (incoming?.isComplete) {
        await incoming.end();
        incoming = undefined;
      }
    }
  } catch (error) {
    if (error instanceof RpcError || !(error instanceof BenchError)) throw error;
    const code = error.code === 'content_wrong' ? 'INVALID_ARGUMENT' : 'RESOURCE_EXHAUSTED';
    throw new RpcError(code, error.message, { cause: error });
  } finally {
    await incoming?.discard();
  }
}

/** Yields a content of a run that is under way, piece by piece. */
export async function* contentOf(
  bundle: OpenBundle | undefined,
  sha256: string,
): AsyncGenerator<{ piece: Uint8Array<ArrayBuffer> }, void, undefined> {
  const path = bundle?.contentPath(sha256);
  if (path === undefined) throw new RpcError('NOT_FOUND', 'no run that is under way has this content');
  const file = await open(path).catch((error: unknown) => {
    throw new RpcError('NOT_FOUND', 'the content was removed on the host of control: start the run again', {
      cause: error,
    });
  });
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      const { bytesRead } = await file.read(piece, 0, PIECE_BYTES);
      if (bytesRead === 0) return;
      yield { piece: piece.subarray(0, bytesRead) };
    }
  } finally {
    await file.close();
  }
}
