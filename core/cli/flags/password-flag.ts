import process from 'node:process';
import { holdsPassword, withoutPassword } from '../../secrets/database-url.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';

/**
 * Until here a password in a flag was to be seen in the list of processes.
 * @param flag such as `--db`; the variable that may be used in its place has the same name
 * @throws {CommandError} where the runtime cannot hide it
 */
export function hidePassword(flag: string, url: string, title: string): void {
  if (!holdsPassword(url)) return;
  process.title = title;
  const isOnCommandLine = process.argv.some((word) => word.includes(url));
  if (!isOnCommandLine || process.versions.bun === undefined) return;
  const variable = `BENCH_${flag.slice(2).toUpperCase()}`;
  throw new CommandError(
    `${flag}: holds a password, which Bun cannot hide in the list of processes: write \${env:NAME} in its place, or give the URL in ${variable}.`,
    EXIT.invalidInput,
  );
}

/** A word of a command line as it may be told: without the password of a URL. */
export function tellableWord(word: string): string {
  const [, flag = '', value = ''] = /^(--[\w-]+=)?(.*)$/s.exec(word) ?? [];
  return flag + withoutPassword(value);
}
