// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a reference of a plan
import t from 'tap';
import { plain } from '../../../../core/cli/output.ts';
import { loadOutline, paramOutline } from '../../../../core/cli/view/plan-outline.ts';
import { parsePlan } from '../../../../core/plan/parse.ts';

const operations = [
  { driver: 'null', operation: 'a', weight: 3 },
  { driver: 'null', name: 'b' },
];
const outline = (scenario: object, more: object = {}) =>
  loadOutline(parsePlan({ name: 'P', scenarios: { s: { ...scenario, operations } }, ...more }), 100, plain);

t.test('a load over time, with what it asks for', async (t) => {
  const stages = [
    { target: 20, duration: '10s' },
    { target: 20, duration: '1m' },
  ];
  const scenario = { executor: 'ramping-vus', startVus: 10, stages, thinkTime: { uniform: ['1s', '3s'] } };
  t.strictSame(outline(scenario, { warmup: '2s', thresholds: ['p95 < 1s'] }), [
    'Scenario s: ramping-vus',
    '  From     To  Virtual users  Requests/s',
    '    0s     2s             10  5 at the most, less the slower the answers are (warm-up)',
    '    2s    12s        10 → 20  10 at the most, less the slower the answers are',
    '   12s  1m12s             20  10 at the most, less the slower the answers are',
    '  75% a (driver null)',
    '  25% b (driver null)',
    '',
    'Time: 1m12s at the most, and the graceful stop.',
    'Target: none',
    'Criteria: p95 < 1s; error_rate < 1% (default)',
  ]);
});

t.test('a flow with pauses: as many passes as they leave', async (t) => {
  const get = { driver: 'null', operation: 'a' };
  const passes = (flow: object[], more: object = {}) => {
    const scenario = { executor: 'constant-vus', vus: 10, duration: '5s', flow, ...more };
    const lines = loadOutline(parsePlan({ name: 'P', scenarios: { s: scenario as never } }), 100, plain);
    return /^ +0s +5s +10 +(.*)$/m.exec(lines.join('\n'))?.[1];
  };
  const most = (count: number) => `${count} at the most, less the slower the answers are`;
  t.equal(passes([get]), 'as many as the target answers');
  t.equal(passes([get, { pause: { uniform: ['1s', '3s'] } }, get]), most(5));
  t.equal(passes([get, { pause: '1s' }], { thinkTime: '1s' }), most(5));
  t.equal(passes([get, { pause: '1s' }], { thinkTime: { pacing: '5s' } }), most(2));
  t.equal(passes([{ repeat: 5, flow: [get, { pause: { exponential: '400ms' } }] }]), most(5));
  const until = { variable: 'state', equals: 'paid' };
  t.equal(passes([{ repeat: 5, until, flow: [get, { pause: '1s' }] }]), most(10), 'the first round may be enough');
  const branches = [
    { weight: 1, flow: [{ pause: '4s' }] },
    { weight: 3, flow: [get] },
  ];
  t.equal(passes([{ choose: branches }]), most(10));
  t.equal(passes([get, { pause: '1s', if: until }]), 'as many as the target answers', 'it may never pause');
  t.match(passes([], { flow: undefined, user: './u.ts' }), /^as many as the target answers, less where the script/);
});

t.test('the steps of a flow', async (t) => {
  const get = { driver: 'null', operation: 'a' };
  const flow = [get, { pause: '1s' }, { repeat: 2, flow: [{ pause: { uniform: ['200ms', '1s'] } }] }];
  const scenario = { executor: 'constant-vus', vus: 10, duration: '5s', flow };
  const lines = loadOutline(parsePlan({ name: 'P', scenarios: { s: scenario as never } }), 100, plain);
  t.ok(lines.includes('  Each pass: a, pause of 1s, 2 × (pause of 200ms to 1s)'), lines.join('\n'));
});

t.test('loads of every executor', async (t) => {
  t.match(
    outline({ executor: 'constant-arrival-rate', rate: 50, duration: '5s', maxVus: 9 }).join('\n'),
    /0s +5s +50 +50$/m,
  );
  t.match(
    outline({ executor: 'constant-vus', vus: 5, duration: '5s' }).join('\n'),
    /0s +5s +5 +as many as the target answers/,
  );
  t.match(
    outline({ executor: 'shared-iterations', vus: 5, iterations: 1000 }).join('\n'),
    /5 virtual users do 1000 operations together, within 10m/,
  );
  t.match(outline({ executor: 'per-vu-iterations', vus: 5, iterations: 10 }).join('\n'), /do 10 operations each/);
  t.match(outline({ executor: 'shape', shape: './s.ts', maxVus: 5 }).join('\n'), /The module \.\/s\.ts says the load/);
});

t.test('each parameter with its value, as it is sent, and where that comes from; texts in quotes', async (t) => {
  const params = [
    { name: 'users', value: 50, text: '50', origin: '--param', description: 'how many shoppers' },
    { name: 'price', value: 1.1, text: '1.10', origin: 'default', description: undefined },
    ...['${env:TOKEN}'].map((value) => {
      return { name: 'token', value, text: value, origin: 'BENCH_PARAM_TOKEN', description: undefined };
    }),
  ];
  t.strictSame(paramOutline(params, 100, plain), [
    'Parameters',
    '  Name   Value           From               Description',
    '  users  50              --param            how many shoppers',
    '  price  1.10            default',
    '  token  "${env:TOKEN}"  BENCH_PARAM_TOKEN',
    '',
  ]);
  t.strictSame(paramOutline([], 100, plain), []);
});
