/** The parts of plans that the pages show are put where they belong, and checked as a user's plan is. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse, stringify } from 'yaml';
import type { PlanInput } from '../../core/plan/schema.ts';
import { workbench } from '../e2e/bench-process.ts';
import { type Block, blocksOf, pages } from './pages.ts';

t.setTimeout(400_000);

/** So that a comment too many cannot leave parts out without anybody noticing. */
const FRAGMENTS = 15;

/** What the pages' texts say of the plan around the part. */
const AROUND: PlanInput = {
  name: 'Shown',
  target: 'http://127.0.0.1:5002',
  warmup: '1s',
  monitors: { target: { use: 'prometheus' } },
  scenarios: {
    devices: {
      executor: 'constant-vus',
      vus: 1,
      duration: '1m',
      operations: [
        { driver: 'http-upload', name: 'upload' },
        { driver: 'health', name: 'health' },
      ],
    },
  },
};

const FILES = {
  'users.csv': 'name,password\nanna,secret\n',
  'photo.jpg': 'not looked at',
  'staging-ca.pem': 'not looked at',
  'letter.txt': `Dear \${users.name},`,
  'a.txt': 'a',
  'b.txt': `b \${vu}`,
};

const SECRETS = { API_HOST: 'api.example.test', PASSWORD: 'secret', DB_PASSWORD: 'secret' };

type Tree = { [key: string]: unknown };

function merged(one: Tree, other: Tree): Tree {
  const isTree = (value: unknown): value is Tree =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const both = Object.entries(other).map(([key, value]): [string, unknown] => {
    const known = one[key];
    return [key, isTree(known) && isTree(value) ? merged(known, value) : value];
  });
  return { ...one, ...Object.fromEntries(both) };
}

/** A plan with this part. Where it has drivers with operations, these are its load. */
function planWith({ text, place, beside = '{}' }: Block): Tree {
  const path = place === undefined ? [] : place.split('.');
  const part = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), parse(text)) as Tree;
  const plan = merged(merged(AROUND as unknown as Tree, parse(beside) as Tree), part);
  const drivers = Object.entries((plan.drivers ?? {}) as Record<string, { options?: { operations?: Tree } } | null>);
  const drawn = drivers.flatMap(([driver, given]) => {
    return Object.keys(given?.options?.operations ?? {}).map((operation) => ({ driver, operation }));
  });
  if (drawn.length === 0) return plan;
  return { ...plan, scenarios: { shown: { executor: 'constant-vus', vus: 1, duration: '1m', operations: drawn } } };
}

const isWhole = ({ text }: Block) => /^name:/m.test(text) && /^scenarios:/m.test(text);
const shown = pages()
  .flatMap(blocksOf)
  .filter(({ language }) => language === 'yaml');
const fragments = shown.filter((block) => !isWhole(block) && block.notPlan === undefined);

t.test('the parts to check are those that were counted', async (t) => {
  t.equal(fragments.length, FRAGMENTS, fragments.map(({ page, line }) => `${page}:${line}`).join(', '));
});

for (const block of fragments) {
  t.test(`the part of a plan in ${block.page}, line ${block.line}, is valid`, async (t) => {
    const { folder, run } = workbench(t, FILES);
    const plan = stringify(planWith(block));
    writeFileSync(join(folder, 'shown.yaml'), plan);
    const { code, stderr } = await run(['check', 'shown.yaml'], { env: SECRETS });
    t.equal(code, 0, `${stderr}\n${plan}`);
  });
}
