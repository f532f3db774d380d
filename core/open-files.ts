import { readdirSync, readFileSync } from 'node:fs';

/** How many files, sockets among them, this process may have open. */
export interface OpenFilesLimit {
  /** Infinity: no limit. */
  readonly soft: number;
  /** What a user may raise the soft limit to. */
  readonly hard: number;
}

/** From Linux's /proc; undefined where the system does not tell, and when no descriptor is free to ask with. */
export function openFilesLimit(): OpenFilesLimit | undefined {
  const limits = orUndefined(() => readFileSync('/proc/self/limits', 'latin1'));
  const [, soft, hard] = limits?.match(/^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m) ?? [];
  return soft === undefined || hard === undefined ? undefined : { soft: numberOf(soft), hard: numberOf(hard) };
}

/** How many files this process has open now; undefined as in {@link openFilesLimit}. */
export function openFiles(): number | undefined {
  // Reading the folder takes one for itself.
  return orUndefined(() => readdirSync('/proc/self/fd').length - 1);
}

function numberOf(limit: string): number {
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
