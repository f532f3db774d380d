import { parsePlan } from '../../core/plan/parse.ts';
import { resolvePlan } from '../../core/plan/resolve.ts';
import { resolveSecrets } from '../../core/plan/secrets.ts';
import type { Driver, DriverPlugin, Session, StepContext } from '../../core/plugin.ts';
import { lookupIn } from '../../core/secrets/reference.ts';
import mysqlDirect from '../../plugins/mysql-direct.ts';
import { fakeContext } from '../../testing/fake-context.ts';
import { fakeUser } from '../../testing/fake-user.ts';

/** The driver with these options, as a run uses it. */
export async function mysqlStage(options: Record<string, unknown>, runId = 'run_1', baseDirectory = '.') {
  const plan = parsePlan({
    name: 'x',
    drivers: { 'mysql-direct': { options } },
    scenarios: {
      s: {
        executor: 'constant-vus',
        vus: 1,
        duration: '1s',
        operations: [{ driver: 'mysql-direct', operation: 'insert' }],
      },
    },
  });
  const resolved = await resolvePlan(plan, async () => mysqlDirect as DriverPlugin);
  const use = { target: false, drivers: ['mysql-direct'], monitors: [], outputs: [] };
  const { fill } = resolveSecrets(plan, use, lookupIn(process.env));
  const parsed = fill(resolved.drivers.get('mysql-direct')?.options) as Parameters<typeof mysqlDirect.open>[0];
  const told: string[] = [];
  const context = { ...fakeContext({ baseDirectory }), runId };
  const signal = new AbortController().signal;
  const steps: StepContext = { runId, target: '', baseDirectory, signal, progress: (text) => told.push(text) };
  return {
    told,
    writes: context.tallies,
    timings: context.timings,
    prepare: async () => mysqlDirect.prepare?.(parsed, steps),
    verify: async (operations: ReadonlySet<string> = new Set(['insert'])) =>
      mysqlDirect.verify?.(parsed, { ...steps, writes: context.tallies, operations }),
    cleanup: async () => mysqlDirect.cleanup?.(parsed, steps),
    open: async (): Promise<Driver> => mysqlDirect.open(parsed, context),
  };
}

/** @param wanted kinds of errors whose details somebody wants */
export async function connectUser(driver: Driver, index = 0, wanted: readonly string[] = []): Promise<Session> {
  return driver.connect(fakeUser({ index, wanted }), new AbortController().signal);
}
