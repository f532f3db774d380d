import process from 'node:process';
import { systemClock } from '../../clock.ts';
import { withTimeout } from '../../timeout.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

/**
 * Why a process has to end: Ctrl-C; SIGTERM, SIGHUP or, for a child, a request of its parent; or its parent has gone.
 */
export type EndReason = 'interrupted' | 'terminated' | 'parent-gone';

/** Tells a command when it has to end. */
export interface Lifetime {
  /** Aborted at the first request to end: the command ends in order. */
  readonly signal: AbortSignal;
  /** The reason of that first request. */
  readonly ending: Promise<EndReason>;
  /** Aborted at the second request: the command ends at once. */
  readonly forced: AbortSignal;
  /** The token that the parent has sent to this child; stays pending when it sends none. */
  readonly token: Promise<string>;
}

/** What a child reads on stdin; each is a request to end. */
export const END_WORD = 'end\n';
const TOKEN_WORD = 'token ';

/** What a parent writes to its child first, when they share a token. Arguments and environment of a process are less private. */
export function tokenLine(token: string): string {
  return `${TOKEN_WORD}${token}\n`;
}
/** Nobody waits for a process whose parent has gone, so it may take at most this long to end in order. */
const ORPHAN_GRACE_MS = 10_000;
const TERMINATIONS = ['SIGTERM', 'SIGHUP'] as const;

/**
 * Calls back at a request to end that finds no command with a lifetime: one that reads a plan or writes a report, say. A child leaves
 * such requests to its parent.
 * @param argv the words after the program's name
 */
export function whenUnattended(argv: readonly string[], end: () => void): void {
  const isChild = argv[1] === '--child';
  for (const signal of ['SIGINT', ...TERMINATIONS] as const) {
    const listener = () => {
      if (!isChild && process.listenerCount(signal) === 1) end();
    };
    unattended.set(signal, listener);
    process.on(signal, listener);
  }
}

/** What {@link whenUnattended} has set up. */
const unattended = new Map<NodeJS.Signals, () => void>();
let othersAtWork = 0;

/**
 * Does what runs code of somebody's own, which may never give way: no listener of a signal would then be called. Where no command
 * listens, the system ends the process meanwhile.
 */
export async function endedBySystem<T>(work: () => Promise<T>): Promise<T> {
  if (othersAtWork++ === 0) for (const [signal, listener] of unattended) process.off(signal, listener);
  try {
    return await work();
  } finally {
    if (--othersAtWork === 0) for (const [signal, listener] of unattended) process.on(signal, listener);
  }
}

/**
 * Runs a command that ends in order on request.
 * @param child whether only its parent can end it, on stdin. Signals such as those of systemd go to the whole family of
 *   processes, and the parent knows what to do with its children. The end of stdin is a request too: it comes when the
 *   parent has gone for whatever reason.
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

/** How work is brought to its end. */
export interface Grace {
  /** How long it may take to end by itself. */
  readonly graceMs: number;
  /** Aborts operations in flight; called when the time is over, or at the second request to end. */
  readonly hurry: () => void;
}

/** How long the work may take after it was hurried, before the process ends anyway: with the default grace, 28 s after SIGTERM. */
const HURRIED_WITHIN_MS = 8000;

/**
 * Waits until work has ended: for the time of grace by itself, and then for a while after it was hurried.
 * @returns whether it has ended
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
 * Waits until a server process is requested to end, and drains it.
 * @returns an error code when it was not drained; after Ctrl-C always the code for that
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
