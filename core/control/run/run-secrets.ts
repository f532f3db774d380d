import { processLookup } from '../../environment.ts';
import { BenchError } from '../../error.ts';
import { formatProblem, PlanError } from '../../plan/problem.ts';
import { type PlanSecrets, resolveSecrets } from '../../plan/secrets.ts';
import type { DriverPlugin } from '../../plugin.ts';
import type { SecretFiles } from '../../secret-files.ts';
import { clipped } from '../../text/printable.ts';
import { MAX_PLUGIN_TEXT } from '../limits.ts';
import type { RunSpec } from './run-spec.ts';

/**
 * The values of secrets that control itself needs for a run: those of monitors, of outputs, and of drivers that have hooks. They are
 * looked up when the run first needs them, and kept nowhere but here.
 */
export class RunSecrets {
  readonly #spec: RunSpec;
  readonly #files: SecretFiles;
  #found: PlanSecrets | undefined;

  /** @param files which files the plan may name */
  constructor(spec: RunSpec, files: SecretFiles) {
    this.#spec = spec;
    this.#files = files;
  }

  /** @throws {BenchError} with a line for each reference that has no value */
  get(): PlanSecrets {
    if (this.#found) return this.#found;
    const { plan, resolved, monitors, outputs, baseDirectory } = this.#spec;
    const drivers = [...resolved.drivers].filter(([, { plugin }]) => hasHooks(plugin)).map(([name]) => name);
    const target = drivers.length > 0 || monitors.length > 0;
    const names = (plugins: readonly { readonly name: string }[]) => plugins.map(({ name }) => name);
    const use = { target, drivers, monitors: names(monitors), outputs: names(outputs) };
    try {
      this.#found = resolveSecrets(plan, use, processLookup(baseDirectory, this.#files));
    } catch (error) {
      if (!(error instanceof PlanError)) throw error;
      const lines = error.problems.map((problem) => `control: ${formatProblem(problem)}`);
      throw new BenchError('secret_missing', lines.join('\n'), { cause: error });
    }
    return this.#found;
  }

  /** A text of a plugin without the values, and cut to a length that a person reads: for whatever leaves this process. */
  hide(text: string): string {
    return clipped(this.#found?.mask.hide(text) ?? text, MAX_PLUGIN_TEXT);
  }
}

function hasHooks({ prepare, verify, cleanup }: DriverPlugin): boolean {
  return prepare !== undefined || verify !== undefined || cleanup !== undefined;
}
