import { processLookup } from '../../environment.ts';
import { formatProblem, PlanError } from '../../plan/problem.ts';
import { type PlanSecrets, resolveSecrets } from '../../plan/secrets.ts';
import type { DriverPlugin } from '../../plugin.ts';
import type { RunSpec } from './run-spec.ts';

/**
 * The values that control itself needs: those of monitors, and of drivers whose steps it carries out. They are looked up
 * when a run first needs them, and nowhere kept but here.
 */
export class RunSecrets {
  readonly #spec: RunSpec;
  #found: PlanSecrets | undefined;

  constructor(spec: RunSpec) {
    this.#spec = spec;
  }

  /** @throws an Error with a sentence for each reference that has no value */
  get(): PlanSecrets {
    if (this.#found) return this.#found;
    const { plan, resolved, monitors, baseDirectory } = this.#spec;
    const drivers = [...resolved.drivers].filter(([, { plugin }]) => hasSteps(plugin)).map(([name]) => name);
    const target = drivers.length > 0 || monitors.length > 0;
    const use = { target, drivers, monitors: monitors.map(({ name }) => name) };
    try {
      this.#found = resolveSecrets(plan, use, processLookup(baseDirectory));
    } catch (error) {
      if (!(error instanceof PlanError)) throw error;
      throw new Error(error.problems.map((problem) => `control: ${formatProblem(problem)}`).join('\n'));
    }
    return this.#found;
  }

  /** What goes out of this process: without the values. */
  hide(text: string): string {
    return this.#found?.mask.hide(text) ?? text;
  }
}

function hasSteps({ prepare, verify, cleanup }: DriverPlugin): boolean {
  return prepare !== undefined || verify !== undefined || cleanup !== undefined;
}
