import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Import } from '../import/imported-plan.ts';
import type { Output } from '../output.ts';

interface ImportFlags {
  readonly out?: string;
  readonly force?: boolean;
  readonly static?: boolean;
  readonly allHosts?: boolean;
  readonly allMethods?: boolean;
}

type Format = 'curl' | 'har' | 'openapi' | 'postman';

/** Recordings of browsers hold whole answers. */
const MAX_BYTES = 256 << 20;

/** The flags are about one file, so they are not read from the environment. */
export function addImport(command: Command, output: Output, exitWith: (code: ExitCode) => void): void {
  command.description('write a plan to start from, out of curl, a HAR file, OpenAPI or Postman').addHelpText(
    'after',
    `
Values under the usual names of secrets (authorization, cookies, keys, passwords) become references to environment
variables; the head of the plan lists them. What has an unusual name stays: read the plan before you pass it on. What is
written passes \`bench check\`.

Examples:
  bench import curl request.sh -o plan.yaml
  bench import har shop.har -o plan.yaml
  bench import openapi openapi.yaml -o plan.yaml
  bench import postman shop.postman_collection.json -o plan.yaml
  pbpaste | bench import curl - | bench check -`,
  );
  const add = (format: Format, description: string) =>
    command
      .command(format)
      .description(description)
      .argument('<file>', 'the file to read, or - for standard input')
      .addOption(new Option('-o, --out <file>', 'file for the plan (default: it is printed)'))
      .addOption(new Option('-f, --force', 'replace the file if it is there already'))
      .action(async (file: string, flags: ImportFlags) => exitWith(await runImport(format, file, flags, output)));
  add('curl', 'from commands of curl, such as a browser\'s "Copy as cURL (bash)"; several are the steps of one user');
  add('har', 'from an HTTP Archive, as the developer tools of browsers save it: requests in order, with pauses')
    .addOption(new Option('--static', 'keep images, fonts, style sheets and scripts'))
    .addOption(allHosts());
  add(
    'openapi',
    'from OpenAPI 3 or Swagger 2, in YAML or JSON: one operation for each path and method, GET and HEAD unless told otherwise',
  ).addOption(new Option('--all-methods', 'also the methods that change something (POST, PUT, PATCH, DELETE)'));
  add('postman', 'from a collection that Postman has exported: requests in order, with its variables').addOption(
    allHosts(),
  );
}

function allHosts(): Option {
  return new Option(
    '--all-hosts',
    'keep requests to other hosts than the first one, which may be those of other people',
  );
}

async function runImport(format: Format, file: string, flags: ImportFlags, output: Output): Promise<ExitCode> {
  const { inputText } = await import('../files/input-file.ts');
  const { importedPlan, planDocument } = await import('../import/imported-plan.ts');
  const { MAX_PLAN_BYTES, MAX_PLAN_SIZE } = await import('../../plan/plain-data.ts');
  const { textPlan } = await import('../plans/plan-file.ts');
  const { checkedPlan } = await import('../plans/checked-plan.ts');
  const source = file === '-' ? 'Standard input' : file;
  const imported = await read(format, withoutMark(await inputText('The file', file, MAX_BYTES)), source, flags);
  const text = planDocument(importedPlan(imported));
  const path = resolve(flags.out ?? 'plan.yaml');
  if (Buffer.byteLength(text) > MAX_PLAN_BYTES) {
    const { refusal } = await import('../import/read-document.ts');
    throw refusal(
      source,
      `the plan would be larger than ${MAX_PLAN_SIZE}, which no command reads: leave requests or bodies out`,
    );
  }
  // What this shell sets parameters to is for runs.
  await checkedPlan(textPlan(`The plan from ${source}`, path, text), {}, {});
  if (flags.out === undefined) {
    output.write(text);
    return EXIT.pass;
  }
  const { writeNewFile } = await import('../files/new-file.ts');
  await writeNewFile(flags.out, text, flags.force ?? false);
  output.line(
    `The plan is in ${flags.out}; its first lines say what to set, if anything, and what was left out. Next: bench check ${flags.out}`,
  );
  return EXIT.pass;
}

async function read(format: Format, text: string, source: string, flags: ImportFlags): Promise<Import> {
  switch (format) {
    case 'curl':
      return (await import('../import/curl.ts')).importCurl(text, source);
    case 'har':
      return (await import('../import/har.ts')).importHar(text, source, {
        staticFiles: flags.static ?? false,
        otherHosts: flags.allHosts ?? false,
      });
    case 'openapi':
      return (await import('../import/openapi/openapi.ts')).importOpenapi(text, source, flags.allMethods ?? false);
    case 'postman':
      return (await import('../import/postman.ts')).importPostman(text, source, flags.allHosts ?? false);
  }
}

/** Some programs begin a file with a byte order mark. */
function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}
