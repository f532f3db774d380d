/** The recipes for CI services do what they say: each script is run as the service would, on the main branch and on another. */
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { blocksOf } from './pages.ts';
import { mayMakeNetworks, openTerminal, type Terminal } from './terminal.ts';

t.setTimeout(600_000);
// Each recipe has a network of its own, and its commands wait for a part of their time.
t.jobs = mayMakeNetworks ? 2 : 1;

/** A busy host may be distrusted, and runs of two seconds may differ by more than the recipe tolerates. */
const AFTER_LOAD = [0, 99, 120];

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly if?: string;
  readonly with?: { readonly path: string };
}

const shown = ['docs/ci.md', 'docs/compare.md'].flatMap(blocksOf).filter(({ language }) => language === 'yaml');
const gitlab = shown.filter(({ text }) => /^ {2}script:$/m.test(text));
const github = shown.filter(
  ({ text }) => /^ +- (?:name|uses|run):/m.test(text) && !gitlab.some((one) => one.text === text),
);

t.test('there are two recipes for each service', async (t) => {
  t.strictSame([github.length, gitlab.length], [2, 2]);
});

/** Runs a script as one shell; what it starts in the background goes on. Packages are there already. */
async function runScript(t: Test, { type }: Terminal, script: string, variables = ''): Promise<void> {
  const lines = script.split('\n').filter((line) => line.trim() !== '' && line !== 'npm ci');
  for (const server of lines.filter((line) => line.endsWith(' &'))) await type(server.slice(0, -2));
  const rest = lines.filter((line) => !line.endsWith(' &'));
  if (rest.length === 0) return;
  const { code, text } = await type(`set -e; ${variables}\n${rest.join('\n')}`);
  t.ok(AFTER_LOAD.includes(code ?? -1), rest.join('\n'), { code, text: text.slice(-2000) });
}

/**
 * Two loads are enough to try a recipe that compares several. Their own verdicts are not what is tried there: one that a busy
 * host has it distrust would end the script before the comparison.
 */
const quick = (script: string) =>
  script
    .replaceAll('for i in 1 2 3;', 'for i in 1 2;')
    .replaceAll(/(do npx bench run [^;]*);/g, '$1 || [ $? -eq 99 -o $? -eq 120 ];');

for (const { page, line, text } of gitlab) {
  t.test(`GitLab: ${page}, line ${line}`, async (t) => {
    const terminal = openTerminal(t);
    const { load } = parse(text) as { load: { script: string[]; artifacts: { reports: { junit: string } } } };
    const script = load.script.map(quick).join('\n');
    const loads = script.split('\n').filter((command) => !command.endsWith(' &'));
    await runScript(t, terminal, script, 'CI_DEFAULT_BRANCH=main CI_COMMIT_BRANCH=main');
    if (script.includes('baseline.json')) {
      t.ok(existsSync(join(terminal.here, 'baseline.json')), 'the main branch keeps its results');
      rmSync(join(terminal.here, 'load'), { recursive: true });
      await runScript(t, terminal, loads.join('\n'), 'CI_DEFAULT_BRANCH=main CI_COMMIT_BRANCH=other');
    }
    t.match(readFileSync(join(terminal.here, load.artifacts.reports.junit), 'utf8'), /<testsuite /);
  });
}

for (const { page, line, text } of github) {
  t.test(`GitHub: ${page}, line ${line}`, async (t) => {
    const terminal = openTerminal(t);
    const { here, type } = terminal;
    const read = parse(text) as Step[] | { jobs: { load: { steps: Step[] } } };
    const steps = Array.isArray(read) ? read : read.jobs.load.steps;
    const at = (path: string) => join(here, path);
    // The steps of one page come after those of the other, which start the target.
    if (Array.isArray(read)) await type('npx bench target --host 127.0.0.1 --port 5002 --db rows.sqlite');
    const runOn = async (ref: string) => {
      for (const step of steps) {
        if (!isWanted(step.if, ref, at)) continue;
        const path = step.with?.path ?? '';
        if (step.uses?.startsWith('actions/cache/save')) cpSync(at(path), at('cached'));
        if (step.uses?.startsWith('actions/cache/restore')) cpSync(at('cached'), at(path));
        if (step.run !== undefined)
          await runScript(t, terminal, quick(step.run), 'export GITHUB_STEP_SUMMARY=summary.md');
      }
    };
    await runOn('refs/heads/main');
    if (Array.isArray(read)) {
      for (const left of ['load', 'baseline.json']) rmSync(at(left), { recursive: true });
      await runOn('refs/pull/1');
      t.match(readFileSync(at('load/comparison.xml'), 'utf8'), /<testsuite /);
    }
    t.match(readFileSync(at('summary.md'), 'utf8'), /^#+ /m, 'the summary is shown');
  });
}

/** The conditions of GitHub's expressions that the recipes have. */
function isWanted(condition: string | undefined, ref: string, at: (path: string) => string): boolean {
  const terms = (condition ?? '').replace(/^\$\{\{(.*)\}\}$/, '$1').split('&&');
  return terms.every((term) => {
    const [, compared, name] = /^github\.ref (==|!=) '(.*)'$/.exec(term.trim()) ?? [];
    if (name !== undefined) return (ref === name) === (compared === '==');
    const [, file] = /^hashFiles\('(.*)'\) != ''$/.exec(term.trim()) ?? [];
    if (file !== undefined) return existsSync(at(file));
    return ['', '!cancelled()'].includes(term.trim());
  });
}
