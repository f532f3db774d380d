import t from 'tap';
import { parsePlan } from '../../../core/plan/parse.ts';
import { PlanError } from '../../../core/plan/problem.ts';
import { resolvePlan } from '../../../core/plan/resolve.ts';
import { type DriverPlugin, defineDriver } from '../../../core/plugin.ts';
import type { CallPlugin } from '../../../core/plugin-call.ts';
import { callInTime } from '../../../core/timeout.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';

const right: DriverPlugin = {
  name: 'odd',
  description: '',
  options: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
  operations: () => [{ name: 'a', type: 'TEST' }],
  open: () => ({ connect: () => ({ send: () => Promise.reject(new Error('x')), close() {} }), close() {} }),
};

async function problemsOf(plugin: object, call?: CallPlugin): Promise<string[]> {
  const scenarios = { s: { executor: 'constant-vus', vus: 1, duration: '1s', operations: [{ driver: 'odd' }] } };
  try {
    await resolvePlan(parsePlan({ name: 'test', scenarios }), async () => plugin as DriverPlugin, undefined, call);
    return [];
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

const AT = 'scenarios.s.operations[0].driver';
const validating = (validate: () => unknown) => ({ '~standard': { version: 1, vendor: 'test', validate } });

t.test('a driver whose functions throw or give something else is a problem of the plan', async (t) => {
  t.strictSame(await problemsOf(right), []);
  const throwing = () => {
    throw new Error('no luck');
  };
  t.strictSame(await problemsOf({ ...right, operations: throwing }), [`${AT}: no luck`]);
  t.strictSame(await problemsOf({ ...right, options: validating(throwing) }), [`${AT}: no luck`]);
  for (const operations of [undefined, 'a', [{ name: 'a' }], ['a'], [{ name: '', type: '' }], [null]]) {
    t.strictSame(await problemsOf({ ...right, operations: () => operations }), [
      `${AT}: its operations are no list of { name, type }`,
    ]);
  }
  for (const result of [undefined, 7, {}]) {
    t.matchOnly(await problemsOf({ ...right, options: validating(() => result) }), [
      `${AT}: its options are no schema: validate returned neither a value nor issues`,
    ]);
  }
});

t.test('a function that never comes back is a problem of the plan, which names it', async (t) => {
  const clock = new FakeClock();
  const never = new Promise<never>(() => {});
  const found = problemsOf({ ...right, options: validating(() => never) }, callInTime(clock));
  await clock.advance(9.9e6);
  t.equal(await Promise.race([found, 'waits']), 'waits');
  await clock.advance(0.2e6);
  t.strictSame(await found, [`${AT}: options.validate of driver "odd" has not come back after 10 s`]);
  t.strictSame(
    await problemsOf({ ...right, operations: () => never }, callInTime(clock)),
    [`${AT}: its operations are no list of { name, type }`],
    'a promise is no list, and nobody waits for it',
  );
});

t.test('a driver says which version of the interface it was made for', async (t) => {
  t.equal(defineDriver({ ...right }).interface, 1);
  t.equal(defineDriver({ ...right, interface: 7 }).interface, 7);
  const frozen = Object.freeze({ ...right });
  t.equal(defineDriver(frozen), frozen);
});
