/** Node's form of a system error: `ENOENT: no such file or directory, open '/x'`. */
const SYSTEM_TEXT = /^E[A-Z0-9]+: (.*?), \w+(?: '.*)?$/s;

/** The message of a caught value. Of a system error it is only the reason in words, for sentences that already name the file. */
export function reasonOf(error: unknown): string {
  if ((error as { code?: unknown } | null)?.code === 'EISDIR') return 'it is a folder';
  const message = error instanceof Error && error.message !== '' ? error.message : String(error);
  return message.replace(SYSTEM_TEXT, '$1');
}
