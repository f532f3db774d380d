import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './entries.ts';

/** What differs from one package to the next under the same licence: whose it is. */
const OWN_LINE = /^\W*copyright\b.*(?:\(c\)|©|\d{4})|^\W*all rights reserved\W*$/i;
/** The title says it too. */
const NAME_LINE = /^\W*(?:the )?mit licen[cs]e(?: \(mit\))?\W*$/i;

interface Licence {
  /** Name, version and the licence's short name. */
  readonly title: string;
  /** Whose it is. */
  readonly own: readonly string[];
  /** What is permitted, which many packages have in common. */
  readonly terms: string;
}

/**
 * The licences of packages whose code is built into ours: most of them ask that their text goes with it. Terms that several
 * packages have in common stand once, after the copyright notices of all of them.
 * @param packages their folders in `node_modules`, in any order, repeated or not
 */
export async function licencesOf(packages: readonly string[]): Promise<string> {
  const licences = await Promise.all([...new Set(packages)].sort().map(licenceOf));
  const chapters = [...Map.groupBy(licences, ({ terms }) => wordsOf(terms)).values()].map((alike) => {
    const notices = alike.map(({ title, own }) => [title, ...own.map((line) => `  ${line}`)].join('\n'));
    return `${'-'.repeat(80)}\n${notices.join('\n')}\n\n${alike[0]?.terms}\n`;
  });
  return `The code in this folder holds parts of the following packages, each under the terms that follow it.\n\n${chapters.join('\n')}`;
}

async function licenceOf(name: string): Promise<Licence> {
  const folder = join(ROOT, 'node_modules', name);
  const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly license?: string;
  };
  const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file === undefined ? `Licence: ${license}` : await readFile(join(folder, file), 'utf8');
  const lines = text.split(/\r?\n/);
  return {
    title: `${name.replace(/^.*node_modules\//, '')} ${version} (${license ?? 'see below'})`,
    own: lines.filter((line) => OWN_LINE.test(line)).map((line) => line.trim()),
    terms: lines
      .filter((line) => !OWN_LINE.test(line) && !NAME_LINE.test(line))
      .join('\n')
      .trim(),
  };
}

/** Texts that differ in nothing but their lines are the same. */
function wordsOf(text: string): string {
  return text.toLowerCase().replaceAll(/\W+/g, ' ');
}
