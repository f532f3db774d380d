import type { Writable } from 'node:stream';
import { reasonOf } from '../text/system-reason.ts';

/**
 * Keeps a command going whose stdout takes no more, and says so on stderr: what it wrote may be all it was called for.
 * A reader that has seen enough (`bench run plan.yaml | head`) is no fault, and nothing is said.
 * @returns whether something was lost until now
 */
export function watchOutput(stdout: Pick<Writable, 'on'>, stderr: Pick<Writable, 'on' | 'write'>): () => boolean {
  let first: NodeJS.ErrnoException | undefined;
  const isFault = () => first !== undefined && first.code !== 'EPIPE';
  stdout.on('error', (error: Error) => {
    // After the first, every word fails because the stream has ended.
    if (first !== undefined) return;
    first = error;
    if (isFault())
      stderr.write(`bench: What this command has to say cannot be written to stdout: ${reasonOf(error)}.\n`);
  });
  stderr.on('error', () => {});
  return isFault;
}

/** Waits until what was written has left the process, also through a slow pipe, or until it is known to be lost. */
export async function flushed(stream: Writable): Promise<void> {
  await new Promise<void>((done) => {
    // Deno calls nobody back then.
    if (stream.destroyed || stream.errored) return done();
    stream.once('error', () => done());
    stream.write('', () => done());
  });
  // Bun calls back before it tells of a failure.
  await new Promise((resolve) => setImmediate(resolve));
}
