// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are parameters of plans
import t from 'tap';
import { fillParams } from '../../../../core/plan/params/fill.ts';
import { parsePlan } from '../../../../core/plan/parse.ts';
import { PlanError } from '../../../../core/plan/problem.ts';

const scenarios = {
  s: {
    executor: 'constant-vus',
    vus: '${param.users}',
    duration: '${param.minutes}m',
    operations: [{ driver: 'null' }],
  },
};
const params = {
  users: { default: 20, description: 'how many shoppers' },
  minutes: { default: 5 },
};

function problemsIn(source: unknown, given: Record<string, string> = {}, environment: Record<string, string> = {}) {
  return fillParams(source, given, environment).problems.map(({ path, message }) => `${path}: ${message}`);
}

t.test('a parameter alone is its value, a number too; within a text it is text', async (t) => {
  const { source, settings, problems } = fillParams({ name: 'x', params, scenarios }, { users: '50' }, {});
  t.strictSame(problems, []);
  const plan = parsePlan(source);
  t.match(plan.scenarios.s, { vus: 50, duration: 300e6 });
  t.strictSame(
    settings.map(({ name, value, origin }) => [name, value, origin]),
    [
      ['users', 50, '--param'],
      ['minutes', 5, 'default'],
    ],
  );
  t.strictSame(
    (source as { params: unknown }).params,
    { users: { default: 50, description: 'how many shoppers' }, minutes: { default: 5 } },
    'what is stored runs with the same values again',
  );
  t.strictSame(fillParams(source, {}, {}).source, source, 'there is nothing left to fill in');
});

t.test('within a text, and where a number is sent as text, it keeps the digits that it was written with', async (t) => {
  const plan = {
    params: { version: { default: 1.1 } },
    path: '/a?v=${param.version}',
    drivers: { d: { options: { operations: { o: { body: { form: { v: '${param.version}' } } } } } } },
    n: '${param.version}',
  };
  const filled = (given: Record<string, string>, environment: Record<string, string> = {}) => {
    const { source } = fillParams(plan, given, environment, undefined, () => '1.10');
    const { path, drivers, n } = source as typeof plan;
    return [path, drivers.d.options.operations.o.body.form.v, n];
  };
  t.strictSame(filled({}), ['/a?v=1.10', '1.10', 1.1]);
  t.strictSame(filled({ version: '1.20' }), ['/a?v=1.20', '1.20', 1.2]);
  t.strictSame(filled({}, { BENCH_PARAM_VERSION: '1e3' }), ['/a?v=1e3', '1e3', 1000]);
});

t.test('a flag comes before a variable, and a variable before the default', async (t) => {
  const declared = { 'page-size': { default: 10 } };
  const valueIn = (given: Record<string, string>, environment: Record<string, string>) => {
    const [setting] = fillParams({ params: declared }, given, environment).settings;
    return [setting?.value, setting?.origin];
  };
  t.strictSame(valueIn({}, {}), [10, 'default']);
  t.strictSame(valueIn({}, { BENCH_PARAM_PAGE_SIZE: '' }), [10, 'default'], 'empty counts as unset');
  t.strictSame(valueIn({}, { BENCH_PARAM_PAGE_SIZE: '30' }), [30, 'BENCH_PARAM_PAGE_SIZE']);
  t.strictSame(valueIn({ 'page-size': '40' }, { BENCH_PARAM_PAGE_SIZE: '30' }), [40, '--param']);
});

t.test('the type is that of the default, or as declared, or text', async (t) => {
  const types = {
    rate: { default: 1.5 },
    keep: { default: true },
    zip: { type: 'text' },
    size: { type: 'number' },
    note: {},
  };
  const given = { rate: '2e3', keep: 'false', zip: '01234', size: '-7', note: '5' };
  const { settings, problems } = fillParams({ params: types }, given, {});
  t.strictSame(problems, []);
  t.strictSame(Object.fromEntries(settings.map(({ name, value }) => [name, value])), {
    rate: 2000,
    keep: false,
    zip: '01234',
    size: -7,
    note: '5',
  });
});

t.test('values that do not fit, names that do not exist and values that are missing are told together', async (t) => {
  const source = {
    params: { users: { default: 20 }, keep: { default: true }, token: {}, big: { default: 1 } },
    name: '${param.usres} ${param.none of these} ${param.token}',
    drivers: { '${param.users}': { options: { a: ['${param.users'] } } },
  };
  const given = { users: 'many', keep: 'yes', usesr: '5', big: '9007199254740993' };
  t.strictSame(problemsIn(source, given), [
    'params: --param usesr: there is no parameter "usesr"; did you mean "users"?',
    'params.users: what --param gives must be a number, not "many"',
    'params.keep: what --param gives must be true or false, not "yes"',
    'params.token: has no value: give it with --param token=… or the variable BENCH_PARAM_TOKEN, or give it a default',
    'params.big: what --param gives must be a number, not "9007199254740993"',
    'name: there is no parameter "usres"; did you mean "users"?',
    'name: there is no parameter "none of these"; the plan has users, keep, token, big',
    'drivers.${param.users}: a parameter stands for a value, not for a name',
    'drivers.${param.users}.options.a[0]: ${param.users lacks its closing brace',
  ]);
  t.strictSame(problemsIn({ name: '${param.a}' }), [
    'name: there is no parameter "a"; the plan declares none under params',
  ]);
});

t.test('a value is taken as it is: no other parameter stands in it, and $$ is left to templates', async (t) => {
  const source = { params: { a: { default: 'x' }, b: { default: 'y' } }, name: '$${param.a} ${ param.a } $& ${env:A}' };
  t.match(fillParams(source, { a: '$1' }, {}).source, { name: '$${param.a} $1 $& ${env:A}' });
  t.strictSame(problemsIn(source, { a: '${param.b}' }), [
    'params.a: what --param gives must not refer to a parameter itself',
  ]);
});

t.test('a reference to a secret stays one, so that no process but those that use it knows its value', async (t) => {
  const source = {
    params: { token: { default: 'none' } },
    drivers: { http: { options: { headers: { Authorization: 'Bearer ${param.token}' } } } },
  };
  const filled = fillParams(source, { token: '${env:TOKEN}' }, { TOKEN: 'secret' });
  t.match(filled.source, {
    params: { token: { default: '${env:TOKEN}' } },
    drivers: { http: { options: { headers: { Authorization: 'Bearer ${env:TOKEN}' } } } },
  });
  t.notMatch(JSON.stringify(filled), /secret/);
});

function parseProblems(source: unknown): string[] {
  try {
    parsePlan(source);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

t.test('a declaration is checked with the plan', async (t) => {
  const wrong = {
    'two words': { default: 1 },
    a: { default: [1] },
    b: { default: 20, type: 'text' },
    c: { default: '${param.a}' },
    d: { defualt: 1 },
  };
  const filled = { s: { executor: 'constant-vus', vus: 1, duration: '1s', operations: [{ driver: 'null' }] } };
  t.strictSame(parseProblems({ name: 'x', params: wrong, scenarios: filled }), [
    'params.two words: the name "two words" must be a name of letters, digits, _ and -',
    'params.a.default: must be a number, text, true or false, not [1]',
    'params.b.default: must be text, not 20',
    'params.c.default: must not refer to a parameter itself',
    'params.d: unknown key "defualt"; did you mean "default"?',
  ]);
  t.strictSame(parseProblems({ name: 'x', params: { 'page-size': {}, page_size: {} }, scenarios: filled }), [
    'params.page_size: has the same variable as "page-size", BENCH_PARAM_PAGE_SIZE: give one of them another name',
  ]);
});

t.test(
  'a plan that reaches a run by another way than the command line is refused, not run with texts for numbers',
  async (t) => {
    t.strictSame(parseProblems({ name: 'x', params, scenarios }), [
      'scenarios.s.vus: holds a parameter without its value: start the run with `bench run`, which fills parameters in',
      'scenarios.s.duration: holds a parameter without its value: start the run with `bench run`, which fills parameters in',
    ]);
  },
);

t.test('parameters make no plan longer than a plan may be, which is told once', (t) => {
  const long = { params: { p: { default: 'x'.repeat(100_000) } }, description: '${param.p}'.repeat(50_000) };
  t.strictSame(problemsIn({ ...long, name: '${param.p}' }), [
    'description: makes the plan longer than 4 MiB with its parameters filled in: give it shorter ones',
  ]);
  t.strictSame(problemsIn({ ...long, description: '${param.p}'.repeat(40) }), []);
  t.end();
});
