import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { systemClock } from '../../../core/clock.ts';
import type { PlanInput } from '../../../core/plan/schema.ts';
import { BenchmarkError } from '../benchmark-error.ts';

/** What one block of operations took, per operation. */
export interface BlockTime {
  /** Processor time of the whole process. */
  readonly cpuUs: number;
  readonly wallUs: number;
}

/** Runs one block of a plan's load with the code of one checkout. */
export type RunBlock = () => Promise<BlockTime>;

/**
 * Loads the engine and the built-in drivers of a checkout into this process.
 * @param folder of the checkout, with its packages installed
 * @param plan of one scenario with shared iterations
 * @throws {BenchmarkError} when it is no checkout that can be measured so
 */
export async function loadCheckout(folder: string, plan: PlanInput, operations: number): Promise<RunBlock> {
  const { Engine } = await moduleOf<typeof import('../../../agents/engine/engine.ts')>(
    folder,
    'agents/engine/engine.ts',
  );
  const { parsePlan } = await moduleOf<typeof import('../../../core/plan/parse.ts')>(folder, 'core/plan/parse.ts');
  const { resolvePlan } = await moduleOf<typeof import('../../../core/plan/resolve.ts')>(
    folder,
    'core/plan/resolve.ts',
  );
  const { loadDriver } = await moduleOf<typeof import('../../../plugins/loader/load.ts')>(
    folder,
    'plugins/loader/load.ts',
  );
  const { IDLE_HOST } = await moduleOf<typeof import('../../../agents/simulation/synthetic-window.ts')>(
    folder,
    'agents/simulation/synthetic-window.ts',
  );
  return async () => {
    const engine = new Engine({
      runId: 'against',
      plan: await resolvePlan(parsePlan(plan), (reference) => loadDriver(reference, folder)),
      share: { of: 1, slots: [0] },
      baseDirectory: folder,
      clock: systemClock,
      host: () => IDLE_HOST,
      emit: () => {},
      hide: (text: string) => text,
      warn: (text) => process.stderr.write(`${text}\n`),
      log: (text) => process.stderr.write(`${text}\n`),
      failed: (error) => {
        throw error;
      },
    });
    try {
      await engine.prepare();
      const cpu = process.cpuUsage();
      const startMs = performance.now();
      await engine.run(systemClock.nowUs());
      const { user, system } = process.cpuUsage(cpu);
      return { cpuUs: (user + system) / operations, wallUs: ((performance.now() - startMs) * 1000) / operations };
    } finally {
      await engine.close();
    }
  };
}

async function moduleOf<Module>(folder: string, file: string): Promise<Module> {
  const path = join(folder, file);
  if (!existsSync(path)) {
    throw new BenchmarkError(
      `${path} is not there: give the folder of a checkout of bench whose files are named as here.`,
    );
  }
  return (await import(pathToFileURL(path).href)) as Module;
}
