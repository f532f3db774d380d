import { open } from 'node:fs/promises';
import type { SendContentsRequest, SendContentsResponse } from '../../../proto/gen/bench/v1/run_pb.ts';
import { RpcError, type ServerStream } from '../../../proto/rpc/adapter.ts';
import { CallerTurns } from '../../../proto/rpc/caller-turns.ts';
import type { ContentCache, IncomingContent } from '../../bundle/content-cache.ts';
import type { OpenBundle } from '../../bundle/open-bundle.ts';
import { BenchError } from '../../error.ts';
import { bundleProblem } from '../../plan/bundle.ts';

const PIECE_BYTES = 256 << 10;

/** The most that may come at once; the command line sends as much. */
const MAX_PIECE_BYTES = 1 << 20;
/** How many streams of one caller may bring contents at the same time: each has a file open. */
const MAX_OF_ONE_CALLER = 8;

type ContentStream = ServerStream<SendContentsRequest, { isWanted: SendContentsResponse['isWanted'] }>;

/** Takes the contents of bundle entries from those who are about to start a run. */
export class Uploads {
  readonly #cache: ContentCache;
  readonly #turns = new CallerTurns(MAX_OF_ONE_CALLER);

  constructor(cache: ContentCache) {
    this.#cache = cache;
  }

  /** Settles when the stream has ended. */
  async receive(stream: ContentStream): Promise<void> {
    if (!this.#turns.begin(stream)) {
      throw new RpcError(
        'RESOURCE_EXHAUSTED',
        `${MAX_OF_ONE_CALLER} streams of files from there are under way: send them one after the other`,
      );
    }
    try {
      await receiveContents(stream, this.#cache);
    } finally {
      this.#turns.end(stream);
    }
  }
}

async function receiveContents(stream: ContentStream, cache: ContentCache): Promise<void> {
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
        if (part.value.length > MAX_PIECE_BYTES) throw new RpcError('INVALID_ARGUMENT', 'a piece has more than 1 MiB');
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

/** Yields a content of a run that is under way, piece by piece. @param bundle undefined when the caller takes part in no such run */
export async function* contentOf(
  bundle: OpenBundle | undefined,
  sha256: string,
): AsyncGenerator<{ piece: Uint8Array<ArrayBuffer> }, void, undefined> {
  const path = bundle?.contentPath(sha256);
  if (path === undefined) throw new RpcError('NOT_FOUND', 'no run in which this agent takes part has this content');
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
