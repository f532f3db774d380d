import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import { BenchmarkError } from '../../benchmark-error.ts';
import { readProcessTree } from '../../measure/process-tree.ts';
import { benchCommand } from '../../runtimes.ts';
import { StartedProcess } from '../../started-process.ts';
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
 * Makes and loads the plan's collection, as `bench prepare` does.
 * @param serverPid of the server's process; 0 where its CPU is of no interest
 */
export async function prepareCollection(
  plan: PlanInput,
  serverPid: number,
  { folder, placement }: CaseOptions,
): Promise<Preparation> {
  const file = join(folder, 'prepared.json');
  await writeFile(file, JSON.stringify(plan));
  const since = performance.now();
  const cpuBefore = readProcessTree(serverPid)?.cpuUs ?? 0;
  const process = await StartedProcess.start({
    ...benchCommand('bun', ['prepare', file, '--store', join(folder, 'prepared.sqlite')]),
    cores: placement.generator,
    folder,
  });
  const { code, stdout, stderr } = await process.ended;
  const whole = (performance.now() - since) / 1000;
  const serverCpu = ((readProcessTree(serverPid)?.cpuUs ?? 0) - cpuBefore) / 1e6;
  const [, insert, index] = TOLD.exec(stdout) ?? [];
  if (code !== 0 || insert === undefined) {
    throw new BenchmarkError(`bench prepare ended with code ${code}: ${stderr.trim() || stdout.trim()}`);
  }
  return { insert: Number(insert), index: Number(index), whole, serverCpu };
}
