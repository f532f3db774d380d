import type { PlanInput } from '../../../../core/plan/schema.ts';
import { BenchmarkError } from '../../benchmark-error.ts';
import { readProcessTree } from '../../measure/process-tree.ts';
import { Product } from '../../product.ts';
import type { CaseOptions } from '../case.ts';

/** Of one preparation, in seconds. */
export interface Preparation {
  readonly insert: number;
  /** Flush and index. */
  readonly index: number;
  /** All of `bench prepare`, with its start. */
  readonly whole: number;
  /** Of the server. */
  readonly serverCpu: number;
}

const TOLD = /^\d+ rows: inserted in ([\d.]+) s, flushed and indexed in ([\d.]+) s$/m;

/**
 * Makes and loads the plan's collection, and keeps it.
 * @param serverPid of the server's process; 0 where its CPU is of no interest
 * @throws {BenchmarkError} when that fails
 */
export async function prepareCollection(
  plan: PlanInput,
  serverPid: number,
  { folder, placement, runtimes }: CaseOptions,
): Promise<Preparation> {
  const product = await Product.start(runtimes[0], placement, folder);
  try {
    const since = performance.now();
    const cpuBefore = readProcessTree(serverPid)?.cpuUs ?? 0;
    const told = await product.prepare(plan);
    const whole = (performance.now() - since) / 1000;
    const serverCpu = ((readProcessTree(serverPid)?.cpuUs ?? 0) - cpuBefore) / 1e6;
    const [, insert, index] = TOLD.exec(told) ?? [];
    if (insert === undefined) throw new BenchmarkError(`bench prepare did not tell how long it took: ${told}`);
    return { insert: Number(insert), index: Number(index), whole, serverCpu };
  } finally {
    await product.end();
  }
}
