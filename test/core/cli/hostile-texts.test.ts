// biome-ignore-all lint/suspicious/noControlCharactersInRegex: these are what is looked for
/** What strangers have written into plugins, plans, results and names of files, as the commands show it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { WriteStream } from 'node:tty';
import t, { type Test } from 'tap';
import { createOutput } from '../../../core/cli/output.ts';
import { runCli } from '../../../core/cli/program.ts';
import { resultOf, UPLOAD_MS, uploadPlan } from '../../kit/results/documents.ts';
import { STEERS } from '../../kit/steers.ts';

t.setTimeout(600_000);

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder, and a way to call commands in it, one after the other. */
function workbench(t: Test) {
  const folder = t.testdir({});
  const before = process.cwd();
  process.chdir(folder);
  t.teardown(() => process.chdir(before));
  const run = async (
    args: readonly string[],
    { env = {} }: { readonly env?: NodeJS.ProcessEnv } = {},
  ): Promise<Ended> => {
    const written = { stdout: [] as string[], stderr: [] as string[] };
    const stream = (texts: string[]) =>
      ({ isTTY: false, write: (text: string) => texts.push(text) }) as unknown as WriteStream;
    const output = createOutput(stream(written.stdout), stream(written.stderr), env);
    const code = await runCli(args, output, { HOME: folder, ...env });
    return { code, stdout: written.stdout.join(''), stderr: written.stderr.join('') };
  };
  return { folder, run };
}

/** Steers a terminal in each way there is, and gives orders to each CI service. */
const HOSTILE =
  'evil\u001b[32mGREEN\u001b[2J\u001b]0;title\u0007\u009b31m\u009d\u202e\u2066\u061c\u200f\u2028x\u0085y\r::error::r\n::error::n\n##[error]z ##vso[task.x] ##teamcity[x]\u0000\u007f\ud800';
const COLORS = { FORCE_COLOR: '1', GITHUB_ACTIONS: 'true' };

/** What may reach the terminal beside text: the colours that bench has, but none in front of what is not its own. */
const COLORS_OF_BENCH = /\u001b\[(?:1|2|22|31|32|33|36|39)m(?!GREEN)/g;
const ORDERS = /^\s*::|##\w*\[/m;

function harmless(
  t: { notMatch: typeof import('tap').notMatch },
  what: string,
  { stdout, stderr }: Ended,
  isYaml = false,
): void {
  for (const [stream, text] of Object.entries({ stdout, stderr })) {
    t.notMatch(text.replaceAll(COLORS_OF_BENCH, ''), STEERS, `${what}: ${stream}`);
    if (!isYaml) t.notMatch(text, ORDERS, `${what}: ${stream}`);
    t.notMatch(text, /\n {4}at /, `${what}: no stack trace`);
  }
}

t.test('plugins', async (t) => {
  const { folder, run } = workbench(t);
  const modules = join(folder, 'node_modules');
  const text = JSON.stringify(HOSTILE);
  const zod = `z.object({ [${text}]: z.enum([${text}, 'b']).default(${text}).describe(${text}), sub: z.object({ [${text}]: z.literal(${text}) }).optional() })`;
  const driver = `import { defineDriver, z } from '@bench/toolkit';
export default defineDriver({ name: ${text}, description: ${text}, options: ${zod}, operations: () => [{ name: ${text}, type: ${text} }],
  open() { throw new Error(${text}); } });\n`;
  const report = `import { defineReport, z } from '@bench/toolkit';
export default defineReport({ name: ${text}, description: ${text}, options: ${zod}, render() { throw new Error(${text}); } });\n`;
  for (const [name, keyword, code] of [
    ['bench-driver-evil', 'bench-driver', driver],
    ['bench-report-evil', 'bench-report', report],
    ['bench-\u001b[31m\u202eevil\n::error::x', 'bench-monitor', ''],
  ] as const) {
    mkdirSync(join(modules, name), { recursive: true });
    writeFileSync(
      join(modules, name, 'package.json'),
      JSON.stringify({
        name: HOSTILE,
        version: HOSTILE,
        description: HOSTILE,
        keywords: [keyword],
        main: 'main.ts',
        exports: './main.mjs',
      }),
    );
    writeFileSync(join(modules, name, 'main.mjs'), code);
  }
  const listed = await run(['plugins'], { env: COLORS });
  t.equal(listed.code, 0, listed.stderr);
  t.match(listed.stdout, /bench-driver-evil/);
  harmless(t, 'plugins', listed);
  for (const name of ['bench-driver-evil', 'bench-report-evil', HOSTILE.replaceAll('\0', '')]) {
    const described = await run(['plugins', 'describe', name], { env: COLORS });
    if (name !== HOSTILE.replaceAll('\0', '')) t.match(described.stdout, /Options/, described.stderr);
    harmless(t, 'plugins describe', described);
  }
  writeFileSync(join(folder, 'throws.mjs'), `throw new Error(${text});\n`);
  harmless(t, 'a plugin that throws', await run(['plugins', 'describe', './throws.mjs'], { env: COLORS }));
  const plan = {
    name: HOSTILE.slice(0, 60),
    drivers: { evil: { use: 'bench-driver-evil' } },
    scenarios: {
      [HOSTILE.slice(0, 40)]: {
        executor: 'per-vu-iterations',
        vus: 1,
        iterations: 1,
        operations: [{ driver: 'evil' }],
      },
    },
    reports: ['bench-report-evil'],
  };
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan));
  for (const args of [
    ['check', 'plan.json'],
    ['find-max', 'plan.json'],
  ]) {
    harmless(t, args.join(' '), await run(args, { env: COLORS }));
  }
});

t.test('plans, and names of files', async (t) => {
  const { folder, run } = workbench(t);
  const name = HOSTILE.replaceAll(/[\0/]/g, '').slice(0, 60);
  const operations = [{ driver: 'null' }];
  const users = { executor: 'constant-vus', vus: 1, duration: '1s', operations };
  const plans: Record<string, unknown> = {
    'a.json': {
      name: 'a',
      [HOSTILE]: 1,
      scenarios: { [HOSTILE]: { ...users, [HOSTILE]: HOSTILE, vus: HOSTILE } },
      thresholds: [HOSTILE, { criterion: `${HOSTILE} p95 < 1s` }],
      target: HOSTILE,
      reports: [HOSTILE],
      monitors: { [HOSTILE]: { use: HOSTILE } },
    },
    'b.json': {
      name: 'b',
      description: HOSTILE,
      params: { p: { default: HOSTILE, description: HOSTILE } },
      scenarios: {
        devices: {
          ...users,
          operations: [{ driver: 'null', name: name.slice(0, 40), tags: { a: name.slice(0, 40) } }],
        },
      },
    },
    'c.json': { name: name.slice(0, 60), scenarios: { [name.slice(0, 30)]: users } },
  };
  for (const [file, plan] of Object.entries(plans)) {
    writeFileSync(join(folder, file), JSON.stringify(plan));
    harmless(t, `check ${file}`, await run(['check', file], { env: COLORS }));
  }
  writeFileSync(join(folder, 'broken.yaml'), `name: "\u001b[31m\n  ${name}: [\u009b`);
  for (const args of [
    ['check', 'broken.yaml'],
    ['check', name],
    ['check', `${name}.yaml`],
    ['check', 'b.json', '--param', `${name}=1`],
    ['check', 'b.json', '--param', `p=${name}`],
    ['init', name],
    ['init', 'plan', name],
    ['init', 'plan', `folder ${name}/plan`],
    ['find-max', name],
    ['baseline', 'set', name, 'x'],
    ['baseline', 'set', 'main', name],
    ['baseline', 'remove', name],
    ['compare', name, name],
    ['compare', 'x', '--baseline', name],
    ['report', name],
    ['report', '--from', name],
    ['import', 'curl', name],
    ['import', name],
    [name],
    ['run', 'b.json', `--${name}`],
  ]) {
    const ended = await run(args, { env: COLORS });
    harmless(t, args.map((one) => one.replaceAll(/[^\w.-]/g, '_').slice(0, 20)).join(' '), ended);
  }
});

t.test('results', async (t) => {
  const { folder, run } = workbench(t);
  const name = HOSTILE.replaceAll('\ud800', '');
  const load = {
    plan: uploadPlan({ monitors: {} }),
    types: { upload: 'POST', health: 'GET' },
    stretches: [
      {
        seconds: 10,
        vus: 100,
        operations: { upload: { perSecond: 50, ms: UPLOAD_MS }, health: { perSecond: 5, ms: UPLOAD_MS } },
      },
    ],
  };
  const evil = (runId: string) => {
    const result = resultOf(load);
    const operations = result.operations.map((operation, i) => ({ ...operation, name: `${name}${i}`, type: name }));
    return JSON.stringify({
      ...result,
      runId,
      operations,
      command: name,
      startedAt: result.startedAt,
      targetEnvironment: { [name]: name },
      events: [{ atUs: 0, text: name }],
      agents: result.agents.map((agent) => ({
        ...agent,
        name,
        environment: { ...agent.environment, host: name, cpuModel: name, runtime: name },
      })),
    });
  };
  writeFileSync(join(folder, 'a.json'), evil('a'));
  writeFileSync(join(folder, 'b.json'), evil('b'));
  const out = ['--out', 'out'];
  for (const args of [
    ['report', '--from', 'a.json', ...out],
    ['compare', 'a.json', 'b.json', '--force', ...out],
    ['compare', 'a.json', 'b.json', '--force', '--lang', 'zh-CN', ...out],
    [
      'compare',
      'a.json',
      'b.json',
      '--force',
      '--report',
      'markdown',
      '--report',
      'json',
      '--report',
      'html',
      '--report',
      'junit',
      ...out,
    ],
    ['baseline', 'set', 'main', 'a.json', 'b.json', '--file', 'main.json'],
  ]) {
    const ended = await run(args, { env: COLORS });
    t.ok(ended.code !== null && ended.code !== 1, `${args.join(' ')}: ${ended.code} ${ended.stderr}`);
    harmless(t, args.join(' '), ended);
  }
});
