import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Argument, type Command, Option } from 'commander';
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';

interface InitFlags {
  readonly force?: boolean;
}

/** What can be begun, with the files that make it. */
const STARTS = {
  plan: ['.yaml'],
  user: ['.ts', '.yaml'],
  driver: ['.ts', '.yaml'],
  report: ['.ts'],
} as const;
type Start = keyof typeof STARTS;

const NAME = /^[A-Za-z][\w-]{0,59}$/;

/** The flag is about files of this folder, so it is not read from the environment. */
export function addInit(
  command: Command,
  run: (what: Start, name: string | undefined, flags: InitFlags) => Promise<void>,
): void {
  command
    .description('write a small plan, user, driver or report that works, to start from')
    .addArgument(new Argument('<what>', 'what to begin').choices(Object.keys(STARTS)))
    .argument('[name]', 'what it is called, perhaps with a folder before it (default: my-plan, my-user, …)')
    .addOption(new Option('-f, --force', 'replace files that are there already'))
    .addHelpText(
      'after',
      `
Examples:
  bench init plan                    my-plan.yaml
  bench init plan load/shop          load/shop.yaml
  bench init user shopper            shopper.ts, a virtual user in code, and shopper.yaml
  bench init driver redis            redis.ts, and redis.yaml, a plan that uses it
  bench init report summary          summary.ts`,
    )
    .action(run);
}

export async function runInit(
  what: Start,
  name: string | undefined,
  { force = false }: InitFlags,
  output: Output,
): Promise<ExitCode> {
  const { writeNewFile } = await import('../files/new-file.ts');
  const model = `my-${what}`;
  const path = (name ?? model).replace(/\.(?:ts|ya?ml)$/, '');
  const called = basename(path);
  if (!NAME.test(called)) {
    throw invalid(`"${called}" is no name for a ${what}: use letters, digits, - and _, such as ${model}.`);
  }
  const files = STARTS[what].map((extension) => ({
    from: `${model}${extension}`,
    to: join(dirname(path), `${called}${extension}`),
  }));
  const there = files.filter(({ to }) => existsSync(to)).map(({ to }) => to);
  if (there.length > 0 && !force) {
    const [are, them] = there.length === 1 ? ['is', 'it'] : ['are', 'them'];
    throw invalid(
      `${there.join(' and ')} ${are} there already: choose another name, or add --force to replace ${them}.`,
    );
  }
  for (const { from, to } of files) {
    const text = await readFile(new URL(`../../../examples/start/${from}`, import.meta.url), 'utf8');
    await writeNewFile(to, text.replaceAll(model, called), force);
    output.line(`Wrote ${to}`);
  }
  for (const line of nextSteps(what, files.at(-1)?.to ?? '')) output.line(line);
  return EXIT.pass;
}

function nextSteps(what: Start, file: string): string[] {
  if (what === 'report') return [`Next: bench run plan.yaml --report ${/^[./]/.test(file) ? file : `./${file}`}`];
  return ['Next, in two terminals:', '  bench target', `  bench run ${file}`];
}

function invalid(message: string): CommandError {
  return new CommandError(message, EXIT.invalidInput);
}
