import t from 'tap';
import { parsePlan } from '../../../core/plan/parse.ts';
import type { PlanInput } from '../../../core/plan/schema.ts';
import { checkThresholds, planThresholds } from '../../../core/verdict/thresholds.ts';
import { uploadPlan } from '../../kit/documents.ts';
import { resolvedOperations } from '../../kit/results.ts';

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
    ['checkout p95 < 1s', /there is no operation "checkout"; there is upload, health/],
    ['devices p95 < 1s', /for the scenario write scenario:devices/],
    ['scenario:device p95 < 1s', /there is no scenario "device"; did you mean devices\?/],
    ['tag:kind=read p95 < 1s', /no operation has the tag kind=read; there is kind=write/],
    ['health tag:kind=write p95 < 1s', /"health" is an operation, but not one of those that the other selectors leave/],
    [
      'targt.queue_depth max <= 5',
      /no operation and no monitor "targt"; did you mean target\?; for a timing of a driver/,
    ],
    ['target.lag_seconds max < 50ms', /column 26: "target" is a monitor, whose values have no unit/],
    ['upload p95 < 200', /column 14: p95 of an operation is a duration/],
    ['http.connect error_rate < 1%', /error_rate is counted of operations, and there is none "http.connect"/],
    ['http.connect tag:kind=write p95 < 1s', /"http.connect" is no operation: leave the other selectors out/],
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
  t.match(problems([{ criterion: 'p95 < 1s', delay: '10s' }])[0], /thresholds\[0\]\.delay: is only for abort: true/);
});

t.test('criteria that hold without being written', async (t) => {
  const told = (thresholds: PlanInput['thresholds'], reconciles: boolean, overrides: Partial<PlanInput> = {}) =>
    planThresholds(parsePlan(uploadPlan({ ...overrides, thresholds })), reconciles).map(
      ({ criterion }) => criterion.text,
    );
  t.strictSame(told([], false), []);
  t.strictSame(told([], true), ['lost == 0']);
  t.strictSame(told(['lost <= 3'], true), ['lost <= 3'], 'not twice, and not against the plan');
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
  t.strictSame(told(['p95 < 1s'], false, arrivals), ['p95 < 1s', 'dropped_rate <= 1%']);
  t.strictSame(told(['dropped == 0'], false, arrivals), ['dropped == 0']);
  const shape = (load: 'rate' | 'vus'): Partial<PlanInput> => ({
    scenarios: {
      shaped: { executor: 'shape', shape: './s.ts', load, maxVus: 5, operations: [{ driver: 'null' }] },
    },
  });
  t.strictSame(told([], false, shape('rate')), ['dropped_rate <= 1%'], 'a shape of arrivals has a rate too');
  t.strictSame(told([], false, shape('vus')), []);
});
