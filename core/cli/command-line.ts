import process from 'node:process';
import { holdsPassword, withoutPassword } from '../secrets/database-url.ts';
import { CommandError } from './command-error.ts';
import { EXIT } from './exit-codes.ts';
import { variableOf } from './flags/flags.ts';

const PLAIN = /^[\w@%+=:,./-]+$/;

/**
 * A command line for people to read, without passwords. Apart from those it can be pasted into a shell:
 * `bench run 'my plan.yaml' --vus 5`.
 */
export function commandLine(argv: readonly string[]): string {
  const words = argv.map(withoutSecret);
  return ['bench', ...words.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))].join(' ');
}

function withoutSecret(word: string): string {
  const [, flag = '', value = ''] = /^(--[\w-]+=)?(.*)$/s.exec(word) ?? [];
  return flag + withoutPassword(value);
}

/**
 * Hides the command line in the system's list of processes when a flag holds a password. Until this call it can be seen.
 * @param flag such as `--db`; the variable that may be used instead has the same name
 * @param title what the list of processes shows instead
 * @throws {CommandError} where the runtime cannot hide it
 */
export function hidePassword(flag: string, url: string, title: string): void {
  if (!holdsPassword(url)) return;
  process.title = title;
  const isOnCommandLine = process.argv.some((word) => word.includes(url));
  if (!isOnCommandLine || process.versions.bun === undefined) return;
  throw new CommandError(
    `${flag}: the URL holds a password, which Bun cannot hide from the list of processes. Write \${env:NAME} instead of the password, or give the URL in ${variableOf(flag.slice(2))}.`,
    EXIT.invalidInput,
  );
}
