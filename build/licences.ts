import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './entries.ts';

/**
 * The licences of packages whose code is built into ours: most of them ask that their text goes with it.
 * @param packages their folders in `node_modules`, in any order, repeated or not
 */
export async function licencesOf(packages: readonly string[]): Promise<string> {
  const chapters = await Promise.all([...new Set(packages)].sort().map(licenceOf));
  return `The code in this folder holds parts of the following packages.\n\n${chapters.join('\n')}`;
}

async function licenceOf(name: string): Promise<string> {
  const folder = join(ROOT, 'node_modules', name);
  const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly license?: string;
  };
  const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file === undefined ? `Licence: ${license}` : (await readFile(join(folder, file), 'utf8')).trim();
  return `${'-'.repeat(80)}\n${name.replace(/^.*node_modules\//, '')} ${version} (${license ?? 'see below'})\n\n${text}\n`;
}
