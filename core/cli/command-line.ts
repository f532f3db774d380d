import { tellableWord } from './flags/password-flag.ts';

const PLAIN = /^[\w@%+=:,./-]+$/;

/** A command line as it can be told, and pasted into a shell again but for passwords: `bench run 'my plan.yaml' --vus 5`. */
export function commandLine(argv: readonly string[]): string {
  const words = argv.map(tellableWord);
  return ['bench', ...words.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))].join(' ');
}
