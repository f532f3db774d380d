const PLAIN = /^[\w@%+=:,./-]+$/;

/** A command line as it can be pasted into a shell again, such as `bench run 'my plan.yaml' --vus 5`. */
export function commandLine(argv: readonly string[]): string {
  return ['bench', ...argv.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))].join(' ');
}
