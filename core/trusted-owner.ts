import type { Stats } from 'node:fs';
import process from 'node:process';

/** Whether a file is this user's or the administrator's. Everybody's is where the system does not tell, as on Windows. */
export function isTrustedOwner({ uid }: Pick<Stats, 'uid'>): boolean {
  const user = process.geteuid?.();
  return user === undefined || uid === user || uid === 0;
}

/**
 * Whether others than its owner can write to a file or folder. A group of this process is none of the others: Kubernetes
 * (`fsGroup`) lets the group of a pod write to all its volumes, and many systems give each user a group of its own.
 */
export function othersCanWrite({ gid, mode }: Pick<Stats, 'gid' | 'mode'>): boolean {
  const user = process.geteuid?.();
  if (user === undefined) return false;
  if ((mode & 0o002) !== 0) return true;
  return (mode & 0o020) !== 0 && gid !== process.getegid?.() && !(process.getgroups?.() ?? []).includes(gid);
}

/** Whether only the owner of a file can remove it from this folder, whoever can write there: as in /tmp. */
export function isSticky({ mode }: Pick<Stats, 'mode'>): boolean {
  return (mode & 0o1000) !== 0;
}
