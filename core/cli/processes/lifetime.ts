import process from 'node:process';
import { systemClock } from '../../clock.ts';
import { withTimeout } from '../../timeout.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

/**
 * Why a process is to end: Ctrl-C; SIGTERM or SIGHUP, or (of a child) the word of the process that started it; or that
 * process is gone.
 */
export type EndReason = 'interrupted' | 'terminated' | 'parent-gone';

/** Tells a command when it is to end. */
export interface Lifetime {
  /** Aborted at the first call to end: drain, then go. */
  readonly signal: AbortSignal;
  /** The reason of that first call. */
  readonly ending: Promise<EndReason>;
  /** Aborted at the second call: go at once. */
  readonly forced: AbortSignal;
  /** The token that the parent has sent to this child; stays pending when it sends none. */
  readonly token: Promise<string>;
}

/** What a child reads on stdin: each is a call to end. */
export const END_WORD = 'end\n';
const TOKEN_WORD = 'token ';

/** What a parent writes to its child first, when they share a token. Arguments and environment of a process are less private. */
export function tokenLine(token: string): string {
  return `${TOKEN_WORD}${token}\n`;
}
/** Nobody waits for a process whose parent is gone: it drains for this long at most. */
const ORPHAN_GRACE_MS = 10_000;
const TERMINATIONS = ['SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a command that ends in order when it is told to.
 * @param child only the parent calls, on stdin, since signals may be for the whole family, as those of systemd are: the
 *   parent then knows what to do with its children. The end of stdin is a call too, which comes when the parent is gone,
 *   however it went.
 */
export async function withLifetime<T>(child: boolean, body: (lifetime: Lifetime) => Promise<T>): Promise<T> {
  let hasParent = child;
  const controller = new AbortController();
  const ending = Promise.withResolvers<EndReason>();
  const forced = new AbortController();
  const call = (reason: EndReason) => {
    if (controller.signal.aborted) return forced.abort();
    ending.resolve(reason);
    controller.abort(reason);
  };
  const signalled = (reason: EndReason) => {
    if (!hasParent) call(reason);
  };
  const interrupt = () => signalled('interrupted');
  const terminate = () => signalled('terminated');
  const token = Promise.withResolvers<string>();
  let begun = '';
  const hear = (words: Buffer | string) => {
    const lines = (begun + String(words)).split('\n');
    begun = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith(TOKEN_WORD)) token.resolve(line.slice(TOKEN_WORD.length));
      else call('terminated');
    }
  };
  const orphan = () => {
    hasParent = false;
    call('parent-gone');
    setTimeout(() => forced.abort(), ORPHAN_GRACE_MS).unref();
  };
  process.on('SIGINT', interrupt);
  for (const signal of TERMINATIONS) process.on(signal, terminate);
  if (child) {
    process.stdin.on('data', hear).once('end', orphan).once('error', orphan);
  }
  try {
    return await body({
      signal: controller.signal,
      ending: ending.promise,
      forced: forced.signal,
      token: token.promise,
    });
  } finally {
    process.off('SIGINT', interrupt);
    for (const signal of TERMINATIONS) process.off(signal, terminate);
    if (child) process.stdin.off('data', hear).pause();
  }
}

/** How what is under way is brought to its end. */
export interface Grace {
  /** How long it may take by itself. */
  readonly graceMs: number;
  /** Cuts off what is in flight; called when the time is over, or at the second call to end. */
  readonly hurry: () => void;
}

/** What is left to do after cutting off, before the process ends all the same: with the default grace, 28 s after SIGTERM. */
const HURRIED_WITHIN_MS = 8000;

/**
 * Waits for work that brings itself to an end: for a while as it is, then hurried, and not longer.
 * @returns whether it came to its end
 */
export async function endInTime(
  work: Promise<unknown>,
  forced: AbortSignal,
  { graceMs, hurry }: Grace,
): Promise<boolean> {
  if (await endsWithin(graceMs, work, forced)) return true;
  hurry();
  return endsWithin(HURRIED_WITHIN_MS, work);
}

/** @returns whether the work was done before the limit and the signals; throws what the work threw */
async function endsWithin(limitMs: number, work: Promise<unknown>, ...signals: AbortSignal[]): Promise<boolean> {
  const settle = () => Promise.allSettled([work]);
  const isSettled = await withTimeout(systemClock, limitMs * 1000, 'too late', settle, ...signals).then(
    () => true,
    () => false,
  );
  if (isSettled) await work;
  return isSettled;
}

/**
 * Waits for the end of a process that only Ctrl-C or a signal ends, and drains it.
 * @returns an error when it could not be drained, but not after Ctrl-C: then that is what was wanted
 */
export async function serveUntilEnd(
  lifetime: Lifetime,
  drain: (reason: EndReason) => Promise<void>,
): Promise<ExitCode> {
  const reason = await lifetime.ending;
  const drained = drain(reason).then(() => true);
  const isDrained = await Promise.race([drained, abortOf(lifetime.forced).then(() => false)]);
  if (reason === 'interrupted') return EXIT.aborted;
  return isDrained ? EXIT.pass : EXIT.error;
}

/** Resolves when the signal is aborted. */
export function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
