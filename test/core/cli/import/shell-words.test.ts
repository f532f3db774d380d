// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of a shell
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import t from 'tap';
import { shellCommands } from '../../../../core/cli/import/shell-words.ts';
import fc from '../../../kit/property.ts';

const wordsOf = (text: string) =>
  shellCommands(text).map((words) =>
    words.map(({ parts }) => parts.map((part) => (typeof part === 'string' ? part : `<${part.variable}>`)).join('')),
  );

t.test('quotes, escapes, line ends and comments mean what they mean to a shell', async (t) => {
  t.strictSame(wordsOf(`a 'b c' "d \\"e\\" \\n" f\\ g \\\n  h'i'"j"`), [['a', 'b c', 'd "e" \\n', 'f g', 'hij']]);
  t.strictSame(wordsOf(`# all of it\na x#y # rest\nb;c & d && e | f`), [
    ['a', 'x#y'],
    ['b'],
    ['c'],
    ['d'],
    ['e'],
    ['f'],
  ]);
  t.strictSame(wordsOf(`$'it\\'s \\u00e9\\x41\\101\\n' '' ""`), [["it's éAA\n", '', '']]);
  t.strictSame(wordsOf('"$A ${B_1}" $C$ \'$D\' "\\$E"'), [['<A> <B_1>', '<C>$', '$D', '$E']]);
  t.strictSame(wordsOf('a \\\r\n b'), [['a', 'b']]);
});

t.test('what it cannot be is told with its line', async (t) => {
  const wrong: [string, string][] = [
    ["a\nb 'c\nd", "line 2: the quote ' that begins here has no end"],
    ['a "b', 'line 1: the quote " that begins here has no end'],
    ["a\n\n$'b\\'", "line 3: the quote $' that begins here has no end"],
    ['a $(b)', 'line 1: $( runs a program, which cannot be imported'],
    ['a `b`', 'line 1: ` runs a program, which cannot be imported'],
    ['a ${b:-c}', 'line 1: ${ must be followed by the name of a variable and }'],
    ['a > b', 'line 1: > redirects a file, which cannot be imported: leave it out'],
  ];
  for (const [text, message] of wrong) t.throws(() => shellCommands(text), { message }, text);
});

t.test('any words come out of Bash and out of here alike', { skip: !existsSync('/bin/bash') }, async () => {
  const piece = fc.oneof(
    fc
      .string({ unit: fc.constantFrom('a', '!', '{', '"', '\\', 'é', ' ', '=', '%'), maxLength: 6 })
      .map((s) => `'${s}'`),
    fc.string({ unit: fc.constantFrom('a', "'", '\\\\', '\\"', '\\$', '?', ' '), maxLength: 6 }).map((s) => `"${s}"`),
    fc
      .string({ unit: fc.constantFrom('b', '\\n', "\\'", '\\x41', '\\u00e9', '"', '\\\\'), maxLength: 6 })
      .map((s) => `$'${s}'`),
    fc.constantFrom('x', '\\ ', '\\\\', ' ', '  \\\n '),
  );
  const line = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => `x${pieces.join('')}`);
  fc.assert(
    fc.property(fc.array(line, { minLength: 5, maxLength: 5 }), (lines) => {
      // Several at once, because starting a shell takes its time.
      const script = lines.map((one) => `printf '%s\\0' ${one}; printf '\\1\\0'`).join('\n');
      const { stdout } = spawnSync('/bin/bash', ['--norc', '-c', script], {
        encoding: 'utf8',
        env: { LC_ALL: 'C.UTF-8' },
      });
      const expected = stdout
        .split('\u0001\0')
        .slice(0, -1)
        .map((part) => part.split('\0').slice(0, -1));
      return JSON.stringify(lines.map((one) => wordsOf(one)[0])) === JSON.stringify(expected);
    }),
    { numRuns: 25 },
  );
});
