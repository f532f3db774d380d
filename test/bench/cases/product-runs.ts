import type { PlanInput } from '../../../core/plan/schema.ts';
import type { RunResult } from '../../../core/stats/result.ts';
import { BenchmarkError } from '../benchmark-error.ts';
import { Product } from '../product.ts';
import { compare, type Figure, GOAL, type Goal } from '../ratios.ts';
import { measured } from '../result-figures.ts';
import { RUNTIME_NAMES, type Runtime } from '../runtimes.ts';
import type { Table } from '../table.ts';
import type { CaseOptions, CaseReport } from './case.ts';

/**
 * Runs a plan once on a fresh agent.
 * @param watch is told the agent's process and the run, and looks on as long as it likes
 * @throws {BenchmarkError} when an operation fails
 */
export async function runOnce<Seen>(
  plan: PlanInput,
  runtime: Runtime,
  { placement, folder }: CaseOptions,
  watch: (agentPid: number, run: Promise<RunResult>) => Promise<Seen>,
): Promise<{ result: RunResult; seen: Seen }> {
  const product = await Product.start(runtime, placement, folder);
  try {
    const run = product.run(plan);
    const seen = await watch(product.agentPid, run);
    const result = await run;
    const { errors, exampleOfError } = measured(result);
    if (errors > 0) throw new BenchmarkError(`${errors} operations failed, such as: ${exampleOfError}`);
    return { result, seen };
  } finally {
    await product.end();
  }
}

/**
 * Measures one runtime of the agent after another. One that fails is left out, and the report says why; when the first
 * fails, there is nothing to hold the others beside, and it throws.
 * @param name of the case
 */
export async function perRuntime(
  name: string,
  options: CaseOptions,
  measure: (runtime: Runtime, name: string) => Promise<Partial<CaseReport>>,
): Promise<CaseReport> {
  const figures: Figure[] = [];
  const tables: Table[] = [];
  const notes: string[] = [];
  for (const runtime of options.runtimes) {
    const full = caseOn(name, runtime, options);
    try {
      const report = await measure(runtime, full);
      figures.push(...(report.figures ?? []));
      tables.push(...(report.tables ?? []));
      notes.push(...(report.notes ?? []));
    } catch (error) {
      if (!(error instanceof BenchmarkError) || runtime === options.runtimes[0]) throw error;
      notes.push(`${full} is left out: ${error.message}`);
    }
  }
  return { figures, tables, notes };
}

/** `memory` on the first runtime, `memory on Node` on another. */
function caseOn(name: string, runtime: Runtime, { runtimes }: Pick<CaseOptions, 'runtimes'>): string {
  return runtime === runtimes[0] ? name : `${name} on ${RUNTIME_NAMES[runtime]}`;
}

/**
 * A figure that is held against what is asked of it, one value a run. What is asked, is asked of the first runtime: the
 * others stand beside it.
 */
export function askedFigure(
  name: string,
  runtime: Runtime,
  { runtimes }: Pick<CaseOptions, 'runtimes'>,
  { unit, values, asked, goal }: { unit: string; values: readonly number[]; asked: number; goal?: Goal | undefined },
): Figure {
  return {
    case: name,
    peer: GOAL,
    unit,
    ...compare(values.map((us) => ({ us, them: asked }))),
    ...(runtime === runtimes[0] && goal && { goal }),
  };
}
