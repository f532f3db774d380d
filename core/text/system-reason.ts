/** How Node puts what the system says: `ENOENT: no such file or directory, open '/x'`. */
const SYSTEM_TEXT = /^E[A-Z0-9]+: (.*?), \w+(?: '.*)?$/s;

/** What a caught value says; of what the system says only the reason in words, for sentences that name the file already. */
export function reasonOf(error: unknown): string {
  if ((error as { code?: unknown } | null)?.code === 'EISDIR') return 'it is a folder';
  const message = error instanceof Error && error.message !== '' ? error.message : String(error);
  return message.replace(SYSTEM_TEXT, '$1');
}
