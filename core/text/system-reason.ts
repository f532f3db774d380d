/** Node's form of a system error: `ENOENT: no such file or directory, open '/x'`. */
const SYSTEM_TEXT = /^E[A-Z0-9]+: (.*?), \w+(?: '.*)?$/s;

/** Continues a sentence. */
export const TOO_MANY_FILES = 'too many files are open: raise the limit with `ulimit -n`';

/** The message of a caught value. Of a system error it is only the reason in words, for sentences that already name the file. */
export function reasonOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EMFILE' || code === 'ENFILE') return TOO_MANY_FILES;
  const message = error instanceof Error && error.message !== '' ? error.message : String(error);
  return message.replace(SYSTEM_TEXT, '$1');
}

/** What is wrong with the host, its disks or the rights there, and not with the program that met it. */
const OF_THE_HOST: ReadonlySet<unknown> = new Set([
  'EACCES',
  'EDQUOT',
  'EIO',
  'ELOOP',
  'EMFILE',
  'ENAMETOOLONG',
  'ENFILE',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);

/** What the system refuses, as a sentence; undefined of any other error. */
export function refusedBySystem(error: unknown): string | undefined {
  const { code, path, syscall } = (error ?? {}) as Readonly<Record<'code' | 'path' | 'syscall', unknown>>;
  if (syscall === 'uv_cwd') return 'the working folder is not there any more: change to one that is.';
  if (!OF_THE_HOST.has(code)) return undefined;
  return typeof path === 'string' ? `${path} cannot be used: ${reasonOf(error)}.` : `${reasonOf(error)}.`;
}
