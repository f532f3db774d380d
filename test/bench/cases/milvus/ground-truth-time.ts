import { fileURLToPath } from 'node:url';
import { BenchmarkError } from '../../benchmark-error.ts';
import { compare, type Figure, GOAL } from '../../ratios.ts';
import { programOn } from '../../runtimes.ts';
import { StartedProcess } from '../../started-process.ts';
import type { CaseOptions, CaseReport } from '../case.ts';
import { perRuntime } from '../product-runs.ts';

const PROGRAM = fileURLToPath(new URL('./ground-truth-program.ts', import.meta.url));
const ASKED_S = 4;

/** How long it takes to compare rows with queries, which is done while rows are loaded. */
export function groundTruthTime(options: CaseOptions): Promise<CaseReport> {
  return perRuntime('milvus ground truth', options, async (runtime, name) => {
    const seconds: number[] = [];
    for (let run = 1; run <= options.pairs; run++) {
      const started = await StartedProcess.start({
        ...programOn(runtime, PROGRAM, []),
        cores: options.placement.generator,
      });
      const { code, stdout, stderr } = await started.ended;
      if (code !== 0) throw new BenchmarkError(`${name} ended with code ${code}: ${stderr.trim()}`);
      seconds.push((JSON.parse(stdout) as { cpuSeconds: number }).cpuSeconds);
    }
    const unit = 'CPU s for 100 queries and 100,000 rows of 768 dimensions';
    const values = seconds.map((us) => ({ us, them: ASKED_S }));
    options.progress(`${name}: ${seconds.map((one) => one.toFixed(2)).join(', ')} s of CPU`);
    const figure: Figure = { case: name, peer: GOAL, unit, ...compare(values), goal: { atMost: 1 } };
    return { figures: [figure] };
  });
}
