import { PassThrough } from 'node:stream';
import type { Command, Option } from 'commander';
import { createOutput } from '../../core/cli/output.ts';
import { createProgram } from '../../core/cli/program.ts';
import { cell, code, page, plain, table } from './markdown.ts';

/** Every command with its flags, from the definitions that `--help` shows. */
export function commandsPage(): string {
  const nowhere = new PassThrough();
  const program = createProgram(createOutput(nowhere as never, nowhere as never, {}), () => {});
  const commands = program.commands.filter(isShown).flatMap(withInner);
  return page('Commands', 'the definitions in `core/cli/commands`', [
    'Every command and flag of `bench`. Each flag may be given as the environment variable beside it instead; the command line comes first.',
    ...commands.flatMap(sectionOf),
  ]);
}

function isShown(command: Command): boolean {
  return !(command as Command & { readonly _hidden?: boolean })._hidden && command.name() !== 'help';
}

function withInner(command: Command): Command[] {
  return [command, ...command.commands.filter(isShown).flatMap(withInner)];
}

function sectionOf(command: Command): string[] {
  const help = command.createHelp();
  const name = nameOf(command);
  const described = command.registeredArguments.filter(({ description }) => description !== '');
  const groups = Map.groupBy(help.visibleOptions(command), ({ helpGroupHeading = '' }) => helpGroupHeading);
  groups.delete('help');
  return [
    `## ${code(name)}`,
    `${plain(sentence(command.description()))}`,
    code(`${name} ${command.usage()}`.trim()),
    ...(described.length === 0
      ? []
      : [
          table(
            ['Argument', 'What it is'],
            described.map((argument) => [cell(code(argument.name())), cell(plain(aboutOf(argument)))]),
          ),
        ]),
    ...[...groups].flatMap(([heading, options]) => optionsOf(heading, options)),
    ...examplesOf(command),
  ];
}

function optionsOf(heading: string, all: readonly Option[]): string[] {
  const options = all.filter(({ long, hidden }) => long !== '--help' && !hidden);
  if (options.length === 0) return [];
  const rows = options.map((option) => [
    cell(code(option.flags)),
    option.envVar === undefined ? '' : code(option.envVar),
    cell(plain(defaultOf(option))),
    cell(plain(aboutOf(option))),
  ]);
  const before = heading === '' ? [] : [plain(heading)];
  return [...before, table(['Flag', 'Variable', 'Default', 'What it does'], rows)];
}

function aboutOf({ description, argChoices }: Pick<Option, 'description' | 'argChoices'>): string {
  return argChoices === undefined ? description : `${description} (${argChoices.map(code).join(', ')})`;
}

function defaultOf({ defaultValue, defaultValueDescription }: Option): string {
  if (defaultValueDescription !== undefined) return defaultValueDescription;
  return defaultValue === undefined || typeof defaultValue === 'boolean' ? '' : code(String(defaultValue));
}

/** What follows the flags in the help. */
function examplesOf(command: Command): string[] {
  let text = '';
  // The event that `addHelpText` of commander listens to.
  const help = command as unknown as { emit(event: 'afterHelp', context: object): void };
  const write = (part: string) => {
    text += part;
  };
  help.emit('afterHelp', { error: false, command, write });
  return text.trim() === '' ? [] : [`\`\`\`text\n${text.trim()}\n\`\`\``];
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

function sentence(text: string): string {
  const capital = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return capital.endsWith('.') ? capital : `${capital}.`;
}
