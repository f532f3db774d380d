/** Whatever the pages tell users to type, also where it is not typed here: each command and each of its flags is there. */

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import t from 'tap';
import { createOutput } from '../../core/cli/output.ts';
import { createProgram } from '../../core/cli/program.ts';
import { pages, ROOT } from './pages.ts';

/** Many fewer would mean that they are not found any more. */
const MIN_NAMED = 150;

const program = createProgram(createOutput(process.stdout, process.stderr, {}), () => {});

interface Named {
  readonly where: string;
  readonly words: readonly string[];
}

/** Every place of a page, in a block or in a sentence, that reads `bench` and a word. What follows a pipe or a `$(…)` is another command's. */
function namedIn(page: string): Named[] {
  let isBlock = false;
  return readFileSync(`${ROOT}${page}`, 'utf8')
    .split('\n')
    .flatMap((line, i) => {
      if (line.startsWith('```')) {
        isBlock = !isBlock;
        return [];
      }
      const texts = isBlock
        ? [line.replace(/\s#\s.*$/, '')]
        : Array.from(line.matchAll(/`([^`]+)`/g), ([, text = '']) => text);
      return texts
        .flatMap((text) => text.split(/[|;)]|&&/))
        .flatMap((text) => /(?:^|(?<!install)\s)bench ((?:[a-z-]|--)\S*(?: .*)?)$/.exec(text.trim())?.[1] ?? [])
        .map((words) => ({ where: `${page}:${i + 1}: bench ${words}`, words: words.split(/\s+/) }));
    });
}

/** What the command line says that is not there. */
function unknownIn(words: readonly string[]): string[] {
  let command: Command = program;
  let rest = words;
  for (;;) {
    const [word] = rest;
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) break;
    command = next;
    rest = rest.slice(1);
  }
  if (command === program && !/^-/.test(words[0] ?? '')) return [words[0] ?? ''];
  const known = new Set([command, program].flatMap((one) => one.options.flatMap(({ long, short }) => [long, short])));
  for (const flag of ['--help', '-h']) known.add(flag);
  const end = rest.indexOf('--');
  return (end < 0 ? rest : rest.slice(0, end))
    .filter((word) => /^--?[a-zA-Z]/.test(word))
    .map((word) => word.replace(/[^\w-].*$/, ''))
    .filter((flag) => !known.has(flag));
}

t.test('each command that a page names is there, and takes the flags that it is given', async (t) => {
  const named = pages().flatMap(namedIn);
  t.ok(named.length >= MIN_NAMED, `${named.length} are named`);
  for (const { where, words } of named) t.strictSame(unknownIn(words), [], where);
});
