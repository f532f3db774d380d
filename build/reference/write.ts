/** Writes docs/reference again, from what it describes; with `--check`, only says which page is not what it would write. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { ROOT } from '../entries.ts';
import { commandsPage } from './commands-page.ts';
import { planPage } from './plan-page.ts';
import { pluginsPage } from './plugins-page.ts';

const FOLDER = 'docs/reference';
const PAGES = { 'commands.md': commandsPage, 'plan.md': planPage, 'plugins.md': pluginsPage };

mkdirSync(`${ROOT}${FOLDER}`, { recursive: true });
for (const [name, make] of Object.entries(PAGES)) {
  const file = `${ROOT}${FOLDER}/${name}`;
  const text = make();
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (written(file) !== text) {
    process.stderr.write(`${FOLDER}/${name} is not what its sources say: run \`npm run generate:reference\`\n`);
    process.exitCode = 1;
  }
}

function written(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
