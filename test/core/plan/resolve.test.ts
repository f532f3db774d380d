import t from 'tap';
import { parsePlan } from '../../../core/plan/parse.ts';
import { PlanError } from '../../../core/plan/problem.ts';
import { resolvePlan } from '../../../core/plan/resolve.ts';
import { type DriverPlugin, defineDriver } from '../../../core/plugin.ts';

const right: DriverPlugin = {
  name: 'odd',
  description: '',
  options: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
  operations: () => [{ name: 'a', type: 'TEST' }],
  open: () => ({ connect: () => ({ send: () => Promise.reject(new Error('x')), close() {} }), close() {} }),
};

async function problemsOf(plugin: object): Promise<string[]> {
  const scenarios = { s: { executor: 'constant-vus', vus: 1, duration: '1s', operations: [{ driver: 'odd' }] } };
  try {
    await resolvePlan(parsePlan({ name: 'test', scenarios }), async () => plugin as DriverPlugin);
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
    t.match(await problemsOf({ ...right, options: validating(() => result) }), [
      `${AT}: its options are no schema: validate returned neither a value nor issues`,
    ]);
  }
});

t.test('a driver says which version of the interface it was made for', async (t) => {
  t.equal(defineDriver({ ...right }).interface, 1);
  t.equal(defineDriver({ ...right, interface: 7 }).interface, 7);
  const frozen = Object.freeze({ ...right });
  t.equal(defineDriver(frozen), frozen);
});
