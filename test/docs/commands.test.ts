/** What the pages tell users to type is typed here, word by word, and the plans that they show are checked. */
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import t from 'tap';
import { endedWith, resultIn } from '../e2e/busy-host.ts';
import { blocksOf, commandsIn, pages } from './pages.ts';
import { mayMakeNetworks, openTerminal } from './terminal.ts';

t.setTimeout(600_000);
// Each page has a network of its own, and its commands wait for a part of their time.
t.jobs = mayMakeNetworks ? 2 : 1;

/** So that a comment too many, or a fence in another language, cannot leave commands out without anybody noticing. */
const RUN_BLOCKS = 23;
const CHECKED_PLANS = 8;

/**
 * What commands may exit with: on a busy host a measurement can be distrusted, and a threshold in milliseconds fails. Runs of
 * two seconds are too short to be compared.
 */
const AFTER_LOAD = [0, 99, 120];
const LOAD = /\bbench (?:run|http|compare|find-max)\b/;
/** A criterion that failed for another reason than a busy host: the page's plan does not do what it is for. */
const FAILED = /✗ .*\b(?:fails|errors|error_rate|availability|lost|check)\b/;
/** @returns the folder of the result that was written since; undefined where a command writes none */
function resultSince(here: string, startedAt: number): string | undefined {
  // The package in node_modules leads back to this repository.
  const places = readdirSync(here).filter((name) => name !== 'node_modules');
  const within = (name: string) =>
    statSync(join(here, name)).isDirectory()
      ? readdirSync(join(here, name), { recursive: true, encoding: 'utf8' })
      : [];
  const files = places
    .flatMap((name) => within(name).map((file) => join(here, name, file)))
    .filter((file) => basename(file) === 'result.json');
  const fresh = files.find((file) => statSync(file).mtimeMs >= startedAt);
  return fresh === undefined ? undefined : dirname(fresh);
}

const all = pages().flatMap(blocksOf);
const run = all.filter(({ language, notRun }) => language === 'sh' && notRun === undefined);
const plans = all.filter(
  ({ language, text }) => language === 'yaml' && /^name:/m.test(text) && /^scenarios:/m.test(text),
);

t.test('the blocks to run are those that were counted, and each other one says why it is not run', async (t) => {
  t.equal(run.length, RUN_BLOCKS, run.map(({ page, line }) => `${page}:${line}`).join(', '));
  t.equal(plans.length, CHECKED_PLANS, plans.map(({ page, line }) => `${page}:${line}`).join(', '));
  const COMMAND = /^ *(?:BENCH_\S+ )*(?:npx )?(?:bench|npm|npx) /m;
  const unlabelled = all.filter(({ language, text }) => ['', 'bash', 'shell'].includes(language) && COMMAND.test(text));
  t.strictSame(
    unlabelled.map(({ page, line }) => `${page}:${line}`),
    [],
    'the fence of commands is sh',
  );
  for (const { notRun, page, line } of all) if (notRun !== undefined) t.ok(notRun.length > 10, `${page}:${line}`);
});

for (const page of new Set(run.map(({ page }) => page))) {
  t.test(`${page} does what it says`, async (t) => {
    const { here, type } = openTerminal(t);
    for (const block of all.filter((block) => block.page === page)) {
      if (block.file !== undefined) writeFileSync(join(here, block.file), `${block.text}\n`);
      if (!run.includes(block)) continue;
      for (const command of [...block.before, ...commandsIn(block)]) {
        const startedAt = Date.now();
        const { code, text } = await type(command);
        const where = `${page}:${block.line}: ${command}`;
        const isLoad = LOAD.test(command);
        t.ok((isLoad ? AFTER_LOAD : [0]).includes(code ?? -1), where, { code, text: text.slice(-2000) });
        if (isLoad) t.notMatch(text, FAILED, where);
        const folder = code === 120 ? resultSince(here, startedAt) : undefined;
        if (folder !== undefined) endedWith(t, { code, stdout: text, stderr: '' }, 0, resultIn(folder));
      }
    }
  });
}

for (const plan of plans) {
  t.test(`the plan in ${plan.page}, line ${plan.line}, is valid`, async (t) => {
    const { here, type } = openTerminal(t);
    for (const { file, text } of blocksOf(plan.page))
      if (file !== undefined) writeFileSync(join(here, file), `${text}\n`);
    writeFileSync(join(here, 'shown.yaml'), plan.text);
    const { code, text } = await type('BENCH_STAGE= BENCH_VUS= BENCH_PARAM_SHOP=1 bench check shown.yaml');
    t.equal(code, 0, text);
  });
}

// Elsewhere here the environment sets how many users there are, and comes before the plan.
t.test('docs/cli.md: a parameter on the command line comes before its default', async (t) => {
  const { here, type } = openTerminal(t);
  for (const { file, text } of blocksOf('docs/cli.md')) if (file !== undefined) writeFileSync(join(here, file), text);
  const { code, text } = await type('BENCH_STAGE= BENCH_VUS= bench check shop.yaml --param shop=7 --param users=50');
  t.equal(code, 0, text);
  t.match(text, /^ +users +50 /m);
  t.match(text, /^ +0s +5m +50 /m);
});
