// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references of plans

import t from 'tap';
import { parsePlan } from '../../../core/plan/parse.ts';
import { PlanError } from '../../../core/plan/problem.ts';
import { randomStream } from '../../../core/plan/random.ts';
import { formatDuration, parseDurationUs } from '../../../core/text/duration.ts';
import { nearest } from '../../../core/text/nearest.ts';
import fc from '../../kit/property.ts';

function problemsOf(source: unknown): Record<string, string> {
  try {
    parsePlan(source);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return Object.fromEntries(error.problems.map(({ path, message }) => [path, message]));
  }
  return {};
}

const operations = [{ driver: 'null' }];
const constant = { executor: 'constant-vus', vus: 1, duration: '1s', operations };

t.test('all problems of a plan are told at once, each with its path and how to fix it', async (t) => {
  t.matchOnly(
    problemsOf({
      name: '',
      targt: 'http://127.0.0.1',
      warmup: '5 parsecs',
      scenarios: {
        devices: { ...constant, vus: 0, duration: '5', thinktime: '1s', operations: [{ driver: 'null', weight: 0 }] },
        arrivals: { executor: 'constant-arrival-rate', rate: 1e9, duration: '1s', maxVus: 1.5, operations: [] },
        other: { executor: 'constant-vu', vus: 1 },
      },
    }),
    {
      '': 'unknown key "targt"; did you mean "target"?',
      name: /must be 1 to 80 characters/,
      warmup: /"5 parsecs" is not a duration: write a number and a unit/,
      'scenarios.devices': 'unknown key "thinktime"; did you mean "thinkTime"?',
      'scenarios.devices.vus': 'must be a whole number from 1 to 1000000, not 0',
      'scenarios.devices.duration': /"5" is not a duration/,
      'scenarios.devices.operations': /the weights add up to 0/,
      'scenarios.arrivals.rate': /at most 10000000 per second/,
      'scenarios.arrivals.maxVus': /whole number/,
      'scenarios.arrivals.operations': 'must name at least one operation',
      'scenarios.other.executor': /^must be one of constant-vus, .*, not "constant-vu"/,
    },
  );
});

t.test('no plan at all, and plans of the wrong shape', async (t) => {
  for (const source of [undefined, null, 7, 'text', [], {}]) {
    t.not(Object.keys(problemsOf(source)).length, 0, JSON.stringify(source));
  }
  t.match(problemsOf({ name: 'x', scenarios: {} }), { scenarios: /at least one scenario/ });
  t.match(problemsOf(null), { '': /^there is nothing in it: a plan is a map with/ }, 'an empty file');
  t.match(problemsOf('text'), { '': /^it is "text": a plan is a map with/ });
});

t.test('rates: 0, negative, too many', async (t) => {
  for (const rate of [0, -5, 1e9, '100', 'fast', '5/parsec']) {
    const scenarios = { s: { executor: 'constant-arrival-rate', rate, duration: '1s', maxVus: 1, operations } };
    t.ok(problemsOf({ name: 'x', scenarios })['scenarios.s.rate'], String(rate));
  }
});

t.test('no run is longer than a year, and none is decided second by second for longer than 30 days', async (t) => {
  const scenario = (more: object, warmup = '0s') =>
    problemsOf({ name: 'x', warmup, scenarios: { s: { ...constant, ...more } } });
  t.match(scenario({ duration: '366d' }), { 'scenarios.s.duration': 'must be at most 365d, not "366d"' });
  t.match(scenario({ thinkTime: `${'9'.repeat(400)}s` }), {
    'scenarios.s.thinkTime': /must be at most 365d, not "999/,
  });
  t.match(scenario({ duration: '200d' }, '200d'), { 'scenarios.s': /^ends more than 365d after the start of the run/ });
  const stages = Array.from({ length: 4 }, () => ({ target: 5, duration: '100d' }));
  t.match(problemsOf({ name: 'x', scenarios: { s: { executor: 'ramping-vus', stages, operations } } }), {
    'scenarios.s': /^ends more than 365d/,
  });
  const search = { executor: 'find-max', until: ['p95 < 1s'], maxDuration: '31d', operations };
  const shape = { executor: 'shape', shape: './s.ts', maxVus: 1, maxDuration: '31d', operations };
  for (const s of [search, shape]) {
    t.match(problemsOf({ name: 'x', scenarios: { s } }), { 'scenarios.s.maxDuration': /^must be at most 30d/ });
  }
});

t.test('stages that go nowhere, and a warm-up without load', async (t) => {
  const withStages = (stages: object[], warmup = '0s') =>
    problemsOf({ name: 'x', warmup, scenarios: { s: { executor: 'ramping-vus', stages, operations } } });
  t.match(withStages([]), { 'scenarios.s.stages': /at least one stage/ });
  t.match(withStages([{ target: 0, duration: '5s' }]), { 'scenarios.s.stages': /no stage has a target above 0/ });
  t.match(withStages([{ target: 5, duration: '0s' }]), { 'scenarios.s.stages': /last 0s together/ });
  t.match(withStages([{ target: 5, duration: '5s' }], '2s'), { 'scenarios.s.startVus': /must be above 0/ });
});

t.test('durations', async (t) => {
  t.equal(parseDurationUs('90s'), 90e6);
  t.equal(parseDurationUs('1m30s'), 90e6);
  t.equal(parseDurationUs('0.05s'), 50_000);
  t.equal(parseDurationUs('250us'), 250);
  for (const wrong of ['', '5', 's', '5 s', '-5s', '5sec', '1e3s', '5s x'])
    t.equal(parseDurationUs(wrong), undefined, wrong);
  fc.assert(fc.property(fc.integer({ min: 0, max: 10 ** 13 }), (us) => parseDurationUs(formatDuration(us)) === us));
});

t.test('the nearest name', async (t) => {
  t.equal(nearest('thinktime', ['vus', 'thinkTime', 'duration']), 'thinkTime');
  t.equal(nearest('zzzzzz', ['vus', 'thinkTime']), undefined);
});

t.test('random streams repeat, differ and are even', async (t) => {
  const first = randomStream(7, 3);
  const again = randomStream(7, 3);
  const counts = new Array(10).fill(0);
  let repeats = true;
  for (let i = 0; i < 100_000; i++) {
    const value = first.next();
    repeats &&= value === again.next();
    counts[Math.floor(value * 10)]++;
  }
  t.ok(repeats, 'the same seed and stream repeat');
  t.ok(
    counts.every((count) => Math.abs(count - 10_000) < 500),
    String(counts),
  );
  const firsts = new Set(Array.from({ length: 10_000 }, (_, stream) => randomStream(1, stream).next()));
  t.ok(firsts.size > 9_990, 'streams of one seed differ');
  t.not(randomStream(1, 0).next(), randomStream(1 + 2 ** 40, 0).next(), 'seeds above 32 bits count');
});

t.test('a wrong type is described in the words of plans, with its place', async (t) => {
  const wrong = (fields: object) => problemsOf({ name: 'x', scenarios: { a: constant }, ...fields });
  t.strictSame(problemsOf({}), { name: 'is missing: it must be text', scenarios: 'is missing: it must be a map' });
  t.strictSame(wrong({ thresholds: [5] }), { 'thresholds[0]': 'must be text or a map, not 5' });
  t.strictSame(wrong({ reports: [{ use: '' }] }), { 'reports[0].use': 'must not be empty' });
  t.match(wrong({ description: 'x'.repeat(10_001) }), { description: 'must have at most 10000 characters' });
  const thinkTime = (thinkTime: unknown) => wrong({ scenarios: { a: { ...constant, thinkTime } } });
  t.strictSame(thinkTime({ uniform: ['1s'] }), { 'scenarios.a.thinkTime': 'uniform: must have at least 2 entries' });
  t.match(thinkTime(5), { 'scenarios.a.thinkTime': /^must be a duration with a unit, .* or a map, not 5$/ });
  t.match(thinkTime({ exponential: '1' }), { 'scenarios.a.thinkTime': /^exponential: "1" is not a duration/ });
});

t.test('a reference in the place of a number says where references work', async (t) => {
  const scenario = (fields: object) => problemsOf({ name: 'x', scenarios: { a: { ...constant, ...fields } } });
  const hint =
    /not "\$\{env:VUS\}"; \$\{env:VUS\} has a value only in the target and in texts of options: .* --vus or .* BENCH_VUS/;
  t.match(scenario({ vus: '${env:VUS}' }), { 'scenarios.a.vus': hint });
  t.match(scenario({ duration: '${env:TIME}' }), { 'scenarios.a.duration': /\$\{env:TIME\} has a value only in/ });
  t.match(problemsOf({ name: 'x', seed: '${file:seed}', scenarios: { a: constant } }), { seed: /\$\{file:seed\} has/ });
});

t.test('what JavaScript would change or drop without a word is refused', async (t) => {
  const options = (json: string) =>
    problemsOf({ name: 'x', scenarios: { a: constant }, drivers: { http: { options: JSON.parse(json) } } });
  t.match(options('{"a":{"id":9007199254740993}}'), {
    'drivers.http.options.a.id': /beyond 9007199254740991, .* in quotes/,
  });
  t.strictSame(options('{"id":9007199254740991,"price":1.5}'), {});
  t.match(options('{"a":[1e999]}'), { 'drivers.http.options.a[0]': /is not a number/ });
  for (const json of ['{"__proto__":1}', '{"body":{"json":{"__proto__":{"admin":true}}}}']) {
    t.matchOnly(Object.values(options(json)), [/^"__proto__" cannot be a name in a plan/], json);
  }
  const scenarios = JSON.parse(`{"__proto__":${JSON.stringify(constant)}}`);
  t.match(problemsOf({ name: 'x', scenarios }), { 'scenarios.__proto__': /cannot be a name/ });
});

t.test('a plan that is too large or too deep is refused quickly', async (t) => {
  const keys = Object.fromEntries(Array.from({ length: 150_000 }, (_, i) => [`key${i}`, i]));
  t.strictSame(problemsOf({ name: 'x', scenarios: { a: constant }, ...keys }), {
    '': 'the plan has more than 100,000 values: move data into data files',
  });
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  t.match(problemsOf({ name: 'x', drivers: { http: { options: { deep } } } }), {
    'drivers.http.options': /64 levels deep/,
  });
  const unknown = Object.fromEntries(Object.entries(keys).slice(0, 50_000));
  const { '': message } = problemsOf({ name: 'x', scenarios: { a: constant }, ...unknown });
  t.match(message, /^unknown key "key0".*There are 49995 more unknown keys$/);
});

t.test('whatever a plan contains, it is read or refused in words of its own', async () => {
  const plan = {
    name: 'x',
    target: 'http://127.0.0.1',
    scenarios: {
      a: { ...constant, thinkTime: '1s' },
      b: { executor: 'shape', shape: './s.ts', maxVus: 5, operations },
    },
    thresholds: ['p95 < 1s', { criterion: 'fails == 0', abort: true }],
    reports: ['html', { use: 'json', options: {} }],
    drivers: { http: { options: { operations: {} } } },
  };
  const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('__proto__', '${env:A}', 1e300, -0, ''));
  const places = pathsOf(plan);
  fc.assert(
    fc.property(fc.constantFrom(...places), anything, fc.boolean(), (path, value, adds) => {
      const changed = structuredClone(plan) as Record<string, unknown>;
      let inner: Record<string, unknown> = changed;
      for (const key of path.slice(0, -1)) inner = inner[key] as Record<string, unknown>;
      const last = path.at(-1) as string;
      Object.defineProperty(inner, adds ? `k${JSON.stringify(value).slice(0, 9)}` : last, {
        value,
        enumerable: true,
        configurable: true,
      });
      for (const message of Object.values(problemsOf(changed))) {
        if (/Invalid|Too (small|big)|expected|undefined/.test(message)) throw new Error(message);
      }
    }),
    { numRuns: 2000, seed: 20_261_129 },
  );
});

function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...path]];
  const inside = Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]));
  return path.length === 0 ? inside : [[...path], ...inside];
}

t.test('a flow without an operation sends nothing, and is refused', async (t) => {
  const parse = (flow: object[]) =>
    parsePlan({ name: 'P', scenarios: { s: { executor: 'constant-vus', vus: 1, duration: '1s', flow } } });
  const step = { driver: 'null' };
  for (const flow of [
    [{ pause: '1s' }],
    [{ repeat: 2, flow: [{ pause: '1s' }] }],
    [{ choose: [{ flow: [{ pause: '1s' }] }] }],
  ]) {
    t.throws(() => parse(flow), /scenarios\.s\.flow: has no step with a driver/);
  }
  t.doesNotThrow(() => parse([{ choose: [{ flow: [{ pause: '1s' }] }, { flow: [{ repeat: 2, flow: [step] }] }] }]));
});

t.test('an empty list is one fault, and not one of its weights too', async (t) => {
  const load = { executor: 'constant-vus', vus: 1, duration: '1s' };
  for (const [work, told] of [
    [{ operations: [] }, /^scenarios\.s\.operations: must name at least one operation$/],
    [{ flow: [{ choose: [] }] }, /^scenarios\.s\.flow\[0\]\.choose: must hold at least one branch$/],
  ] as const) {
    t.throws(() => parsePlan({ name: 'P', scenarios: { s: { ...load, ...work } } }), { message: told });
  }
});

t.test('a target is a URL, with references whose paths may have spaces', async (t) => {
  const problem = (target: string) => problemsOf({ name: 'x', target, scenarios: { a: constant } }).target;
  for (const target of [
    'http://127.0.0.1:5002',
    '${env:TARGET}',
    '${file:/run/my secrets/target}/shop',
    'http://127.0.0.1/${file:a b}?c=$d',
  ])
    t.equal(problem(target), undefined, target);
  for (const target of ['127.0.0.1:5002', 'http://a b', 'http://127.0.0.1/${file:a} b', '${file:a b', 'http://'])
    t.match(problem(target), 'must be a URL such as http://127.0.0.1:5002, not ', target);
});

t.test('a search has the time to confirm its answer', async (t) => {
  const search = (times: object) =>
    problemsOf({ name: 'x', scenarios: { s: { executor: 'find-max', operations, ...times } } });
  const path = 'scenarios.s.confirm';
  const sentence = (most: string) =>
    `must be shorter than maxDuration, which is ${most}: the answer could never be confirmed`;
  t.equal(search({ confirm: '100h', maxDuration: '2h' })[path], sentence('2h'));
  t.equal(search({ confirm: '100h' })[path], sentence('1h'));
  t.same(search({ confirm: '1m', maxDuration: '2m' }), {});
});
