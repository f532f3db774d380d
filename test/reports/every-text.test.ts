/**
 * Texts of a result come from plans, agents, targets and databases, which need not mean well. Here each text of a result that
 * may hold anything holds what steers terminals, turns the direction of writing, begins lines, or is a command to CI.
 */
import { parse as parseHtml } from 'parse5';
import t from 'tap';
import type { ReportFile } from '../../core/plugin.ts';
import type { RunResult } from '../../core/stats/result.ts';
import { builtinReports } from '../../reports/builtin.ts';
import { readResult } from '../../reports/read-result.ts';
import { FAILING, INVALID, resultOf } from '../kit/results/documents.ts';
import { STEERS } from '../kit/steers.ts';

const PAYLOADS: readonly string[] = [
  // Terminals: colours, titles, links, the clipboard, cursor movements, bells, and the same with one character (C1).
  ...[
    '\u001b[31mred',
    '\u001b[2J\u001b[H',
    '\u001b]0;title\u0007',
    '\u001b]8;;http://x\u001b\\link',
    '\u001b]52;c;eA==\u0007',
  ],
  ...['\u009b31mred', '\u009d0;title\u009c', 'a\u0007b\u0008c', 'over\rwritten', '\u0000\u0001\u000e\u001f\u007f'],
  // Lines of their own.
  ...['a\nb', 'a\r\nb', 'a\u000bb\u000cc', 'a\u0085b', 'a\u2028b\u2029c'],
  // Direction of writing, and what is no character.
  ...['a\u202eb', 'a\u202a\u202b\u202cb', 'a\u2066\u2067\u2068\u2069b', 'a\u200e\u200f\u061cb', 'a\ud800b\udc00'],
  // Commands.
  ...[
    '::error::x',
    'a\n::set-output name=x::y',
    '##[error]x',
    '##vso[task.setvariable variable=x]y',
    "##teamcity[x 'y']",
  ],
  // Markup.
  ...[
    '<script>alert(1)</script>',
    ']]><x/>',
    '"><img src=x onerror=alert(1)>',
    '| a | b |\n| - | - |',
    '[x](javascript:y)',
  ],
];

/** Programs read these: what CI takes for a command stays as it was. */
const FOR_PROGRAMS = /\.(json|csv)$/;
/** CSV ends its lines with a carriage return, and keeps those that a text has. */
const OWN = { csv: /[\t\r]/g, others: /\t/g };

interface Place {
  readonly path: readonly (string | number)[];
  /** The same for all entries of a list. */
  readonly kind: string;
}

/** Where texts are: one place of each kind, the first. */
function textsOf(value: unknown, path: readonly (string | number)[] = []): Place[] {
  if (typeof value === 'string')
    return [{ path, kind: path.map((key) => (typeof key === 'number' ? '*' : key)).join('.') }];
  if (typeof value !== 'object' || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((one, i) => [i, one])
    : Object.entries(value);
  const all = entries.flatMap(([key, one]) => textsOf(one, [...path, key]));
  return [...new Map(all.toReversed().map((place) => [place.kind, place])).values()].toReversed();
}

function withText(result: RunResult, places: readonly Place[], text: string): RunResult {
  const copy = structuredClone(result);
  for (const { path } of places) {
    let at = copy as unknown as Record<string | number, unknown>;
    for (const key of path.slice(0, -1)) at = at[key] as typeof at;
    at[path.at(-1) as string] = text;
  }
  return copy;
}

function accepted(result: RunResult): RunResult | undefined {
  try {
    return readResult(JSON.stringify(result));
  } catch {
    return undefined;
  }
}

/** For the names of tests, which have to print as well. */
const shown = (payload: string) =>
  [...payload]
    .map((character) => (/[\w ]/.test(character) ? character : `<${character.codePointAt(0)?.toString(16)}>`))
    .join('');

async function rendered(result: RunResult): Promise<ReportFile[]> {
  const files: ReportFile[] = [];
  for (const load of Object.values(builtinReports)) {
    const { default: plugin } = await load();
    const checked = await plugin.options['~standard'].validate({});
    if (checked.issues === undefined) files.push(...plugin.render(result, checked.value));
  }
  return files;
}

/** What may steer something in a report; undefined when there is nothing. */
function faultOf({ name, content }: ReportFile): string | undefined {
  const lines = content.split('\n');
  const own = name.endsWith('.csv') ? OWN.csv : OWN.others;
  const unprintable = lines.find((line) => STEERS.test(line.replaceAll(own, '')));
  if (unprintable !== undefined) return `a line with what does not print: ${JSON.stringify(unprintable.slice(0, 300))}`;
  if (FOR_PROGRAMS.test(name)) return undefined;
  const isOurs = (line: string) =>
    name === 'github-annotations.txt' && /^::(error|warning) title=[^:]*::(?!.*##\w*\[)/.test(line);
  const command = lines.find((line) => (/^\s*::/.test(line) || /##\w*\[/.test(line)) && !isOurs(line));
  if (command !== undefined && !name.endsWith('.html')) return `a command: ${command.slice(0, 300)}`;
  return undefined;
}

/** Elements of a page, by name, in the order of the document: no text may add one. */
function elementsOf(html: string): string[] {
  const names: string[] = [];
  const walk = (node: object) => {
    const {
      tagName,
      attrs = [],
      childNodes = [],
    } = node as {
      tagName?: string;
      attrs?: readonly { name: string; value: string }[];
      childNodes?: readonly object[];
    };
    if (tagName !== undefined) names.push(tagName);
    for (const { name, value } of attrs) {
      if (/^on/i.test(name) || /^\s*javascript:/i.test(value)) names.push(`${tagName} ${name}=${value}`);
    }
    for (const child of childNodes) walk(child);
  };
  walk(parseHtml(html));
  return names;
}

t.setTimeout(600_000);

for (const [what, shape] of Object.entries({ FAILING, INVALID })) {
  t.test(`no text of a result steers who reads its reports: ${what}`, async (t) => {
    const honest = accepted(resultOf(shape)) as RunResult;
    const places = textsOf(honest);
    const plain = places.filter((place) => accepted(withText(honest, [place], 'plain')) !== undefined);
    t.ok(plain.length >= 30, `${plain.length} places of ${places.length} take any text`);
    // The names that a plan gives print in any case: others are refused.
    const open = plain.filter((place) => accepted(withText(honest, [place], '\u0000\u001b\n')) !== undefined);
    t.ok(open.length > 20, `${open.length} of them also what does not print`);
    const page = elementsOf(
      (await rendered(withText(honest, plain, 'plain'))).find(({ name }) => name.endsWith('.html'))?.content ?? '',
    );
    for (const payload of PAYLOADS) {
      const hostile = accepted(withText(honest, plain, payload)) ?? accepted(withText(honest, open, payload)) ?? honest;
      t.not(hostile, honest, `${shown(payload)} is taken in all of them at once`);
      for (const file of await rendered(hostile)) {
        t.notMatch(file.name, STEERS);
        t.notMatch(file.name, '\n');
        t.equal(faultOf(file), undefined, `${shown(payload)} in ${file.name}`);
        if (file.name.endsWith('.html'))
          t.strictSame(elementsOf(file.content), page, `${shown(payload)} adds no element`);
      }
    }
  });
}
