import t from 'tap';
import { parsePlan } from '../../../core/plan/parse.ts';
import type { PlanInput } from '../../../core/plan/schema.ts';
import { renderMessage } from '../../../core/verdict/messages/message.ts';
import { checkThresholds, planThresholds, shareWarnings } from '../../../core/verdict/thresholds.ts';
import { uploadPlan } from '../../kit/results/documents.ts';
import { resolvedOperations } from '../../kit/results/results.ts';

/** The problems of these thresholds in the plan of document 000, `path: message` each. */
function problems(thresholds: PlanInput['thresholds'], overrides: Partial<PlanInput> = {}): string[] {
  const input = uploadPlan({ ...overrides, thresholds });
  const plan = parsePlan(input);
  const found = checkThresholds(plan, resolvedOperations({ plan: input }), Object.keys(plan.monitors));
  return found.map(({ path, message }) => `${path}: ${message}`);
}

t.test('thresholds that fit their plan', async (t) => {
  const fitting = [
    'upload p95 < 200ms',
    'scenario:devices p95 < 200ms',
    'tag:kind=write p95 < 200ms',
    'upload scenario:devices tag:kind=write service_time max < 1s',
    'http.connect p99 < 50ms',
    'target.queue_depth max <= 5',
    'vector_search.recall ratio >= 0.95',
    '"hybrid search.recall" phase:warmup ratio >= 95% for 5s',
    'lost == 0',
    'dropped == 0',
    'phase:warmup error_rate < 1%',
  ];
  t.strictSame(problems(fitting, { warmup: '3s' }), []);
});

t.test('names that are not there, with the nearest that is', async (t) => {
  const cases: [criterion: string, problem: RegExp][] = [
    [
      'uplaod p95 < 1s',
      /^thresholds\[0\]: "uplaod p95 < 1s", column 1: there is no operation "uplaod"; did you mean upload\?/,
    ],
    ['checkout p95 < 1s', /there is no operation "checkout"; known here: upload, health/],
    ['devices p95 < 1s', /for the scenario write scenario:devices/],
    ['scenario:device p95 < 1s', /there is no scenario "device"; did you mean devices\?/],
    ['tag:kind=read p95 < 1s', /no operation has the tag kind=read; known here: kind=write/],
    ['health tag:kind=write p95 < 1s', /"health" is an operation, but the other selectors exclude it/],
    [
      'targt.queue_depth max <= 5',
      /no operation and no monitor "targt"; did you mean target\?; for the timing of a driver,/,
    ],
    [
      'target.lag_seconds max < baseline + 50ms',
      /column 26: "target" is a monitor, and its values have no unit: write a plain/,
    ],
    ['target.lag_seconds max < 50ms', /column 26: "target" is a monitor, and its values have no unit/],
    ['upload p95 < 200', /column 14: p95 of an operation is a duration/],
    ['http.connect error_rate < 1%', /error_rate is measured on operations, and there is no operation "http.connect"/],
    ['http.connect tag:kind=write p95 < 1s', /"http.connect" is not an operation: remove the other selectors/],
    ['ratio >= 95%', /ratio is of hits and attempts: name what a driver counts, such as vector_search\.recall ratio/],
    ['upload ratio >= 95%', /column 1: "upload" has no dot, as ratios of drivers have/],
    ['search.recall scenario:devices ratio >= 95%', /column 15: a ratio is of the whole load: remove this selector/],
    ['search.recall service_time ratio >= 95%', /column 15: a ratio is of the whole load/],
    ['search.recall ratio >= 95', /ratio is a share: write it in percent, such as 0\.1%, not "95"/],
    ['phase:warmup p95 < 1s', /the plan has no warm-up/],
    ['p95 < 3rps', /p95 is a duration/],
  ];
  for (const [criterion, problem] of cases) {
    const found = problems([criterion]);
    t.equal(found.length, 1, criterion);
    t.match(found[0], problem);
  }
});

t.test('all problems at once, each with its path', async (t) => {
  const found = problems(['uplaod p95 < 1s', 'p95 < 1s', { criterion: 'p95 < 3rps' }]);
  t.strictSame(
    found.map((line) => line.split(':', 1)[0]),
    ['thresholds[0]', 'thresholds[2].criterion'],
  );
});

t.test('abort only where a run can be stopped for it', async (t) => {
  t.strictSame(problems([{ criterion: 'p95 < 1s', abort: true, delay: '10s' }]), []);
  t.strictSame(problems([{ criterion: 'fails == 0', abort: true }]), []);
  t.strictSame(problems([{ criterion: 'requests >= 10 for 5s', abort: true }]), []);
  t.match(
    problems([{ criterion: 'lost == 0', abort: true }])[0],
    /thresholds\[0\]\.abort: lost is known only after the run/,
  );
  t.match(problems([{ criterion: 'requests >= 9', abort: true }])[0], /requests grows during the run/);
  t.match(problems([{ criterion: 'p95 < 1s', abort: true, severity: 'warn' }])[0], /a warning cannot stop a run/);
  t.match(
    problems([{ criterion: 'p95 < 1s', delay: '10s' }])[0],
    /thresholds\[0\]\.delay: works only with abort: true/,
  );
});

t.test('criteria that apply by default, unless the plan has its own', async (t) => {
  const told = (thresholds: PlanInput['thresholds'], reconciles: boolean, overrides: Partial<PlanInput> = {}) =>
    planThresholds(parsePlan(uploadPlan({ ...overrides, thresholds })), reconciles).map(
      ({ criterion, isDefault }) => `${criterion.text}${isDefault ? ' *' : ''}`,
    );
  t.strictSame(told([], false), ['error_rate < 1% *']);
  t.strictSame(told([], true), ['error_rate < 1% *', 'lost == 0 *']);
  t.strictSame(told(['lost <= 3'], true), ['lost <= 3', 'error_rate < 1% *'], 'not twice, and not against the plan');
  for (const own of ['upload error_rate < 5%', 'fails == 0', 'errors <= 3 for 2s', 'availability > 99%']) {
    t.strictSame(told([own], false), [own], 'any criterion on failures replaces the default');
  }
  const warning = { criterion: 'error_rate < 5%', severity: 'warn' } as const;
  t.strictSame(told([warning], false), ['error_rate < 5%'], 'a warning too: failures were thought of');
  const warmup = ['phase:warmup fails == 0', 'error_rate < 1% *'];
  t.strictSame(told(['phase:warmup fails == 0'], false, { warmup: '1s' }), warmup, 'the warm-up is not what is judged');
  const arrivals: Partial<PlanInput> = {
    scenarios: {
      open: {
        executor: 'constant-arrival-rate',
        rate: 10,
        duration: '10s',
        maxVus: 5,
        operations: [{ driver: 'http-upload', name: 'upload' }],
      },
    },
  };
  t.strictSame(told(['p95 < 1s'], false, arrivals), ['p95 < 1s', 'error_rate < 1% *', 'dropped_rate <= 1% *']);
  t.strictSame(told(['dropped == 0'], false, arrivals), ['dropped == 0', 'error_rate < 1% *']);
  const shape = (load: 'rate' | 'vus'): Partial<PlanInput> => ({
    scenarios: {
      shaped: { executor: 'shape', shape: './s.ts', load, maxVus: 5, operations: [{ driver: 'null' }] },
    },
  });
  t.matchOnly(told([], false, shape('rate')), ['error_rate < 1% *', 'dropped_rate <= 1% *'], 'shapes of arrivals too');
  t.strictSame(told([], false, shape('vus')), ['error_rate < 1% *']);
});

t.test('failed passes are limited by default as failed requests are, each by criteria of their own', async (t) => {
  const noop = { driver: 'null' };
  const load = { executor: 'constant-vus', vus: 1, duration: '1s' } as const;
  const scenarios: PlanInput['scenarios'] = {
    shoppers: { ...load, flow: [noop] },
    'p95 users': { ...load, user: './user.ts' },
    devices: { ...load, operations: [noop] },
  };
  const told = (...thresholds: string[]) =>
    planThresholds(parsePlan({ name: 'test', warmup: '1s', scenarios, thresholds }), false)
      .filter(({ isDefault }) => isDefault)
      .map(({ criterion }) => criterion.text);
  const ofRequests = 'error_rate < 1%';
  const ofShoppers = 'journey shoppers error_rate < 1%';
  const ofUsers = 'journey "p95 users" error_rate < 1%';
  t.strictSame(told(), [ofRequests, ofShoppers, ofUsers], 'none for a scenario that draws operations');
  t.strictSame(told('fails == 0'), [ofShoppers, ofUsers], 'all requests may succeed, and the pass fail');
  for (const own of ['journey shoppers fails <= 3', 'journey shoppers availability > 90% for 2s']) {
    t.strictSame(told(own), [ofRequests, ofUsers], own);
  }
  t.strictSame(
    told('journey "p95 users" error_rate < 5%'),
    [ofRequests, ofShoppers],
    'a name in quotes is the same name',
  );
  for (const other of [
    'journey shoppers p95 < 1s',
    'phase:warmup journey shoppers fails == 0',
    'check paid fails == 0',
  ]) {
    t.strictSame(told(other), [ofRequests, ofShoppers, ofUsers], other);
  }
});

t.test('a limit that lets most requests fail is doubted', async (t) => {
  const doubts = (thresholds: PlanInput['thresholds']) =>
    shareWarnings(parsePlan(uploadPlan({ thresholds }))).map(({ path, message }) => {
      return `${path}: ${renderMessage(message, 'en')}`;
    });
  t.strictSame(doubts(['p95 < 1s', 'error_rate < 1']), [
    'thresholds[1]: error_rate < 1 allows 100% of all requests to fail. If you meant 1%, write 1% with the percent sign.',
  ]);
  t.matchOnly(doubts([{ criterion: ' upload error_rate <= 0.5 for 5s', severity: 'warn' }]), [/If you meant 0\.5%/]);
  t.matchOnly(doubts(['dropped_rate < 1']), [/allows 100% of all arrivals to be dropped\. If you meant 1%/]);
  const meant = ['error_rate < 100%', 'error_rate < 0.01', 'error_rate < 1%', 'availability >= 1', 'error_rate > 0.9'];
  t.strictSame(doubts(meant), []);
});
