import type { WriteTally } from '../../driver-figures.ts';
import { BenchError, errorMessage } from '../../error.ts';
import { operationsOf } from '../../plan/driver-use.ts';
import { NotPreparedError, type StepContext } from '../../plugin.ts';
import { checkReconciliation } from '../../stats/reconciliation-schema.ts';
import type { NamedReconciliation } from '../../stats/result.ts';
import { withTimeout } from '../../timeout.ts';
import { HOOK_LIMIT_US } from '../limits.ts';
import type { RunContext } from '../run/run-context.ts';
import { planFolder } from '../run/run-spec.ts';

/** What became of the drivers that have a `verify`. */
export interface Verified {
  readonly reconciliations: NamedReconciliation[];
  /** Names of the drivers that could not verify. */
  readonly unverified: string[];
}

/** Calls the once-per-run hooks of a run's drivers, one driver after the other. */
export class DriverHooks {
  readonly #run: Pick<RunContext, 'runId' | 'spec' | 'secrets' | 'clock'>;
  readonly #progress: (text: string) => void;
  /** Drivers whose `prepare` has begun: they may have something to clean up. */
  readonly #begun = new Set<string>();

  /** @param progress takes a sentence for those who watch */
  constructor(run: Pick<RunContext, 'runId' | 'spec' | 'secrets' | 'clock'>, progress: (text: string) => void) {
    this.#run = run;
    this.#progress = progress;
  }

  /**
   * @param limitUs how long each driver may take
   * @throws {BenchError} which names the driver, or the signal's reason
   */
  async prepare(drain: AbortSignal, limitUs = HOOK_LIMIT_US): Promise<void> {
    for (const [name, { plugin, options }] of this.#run.spec.resolved.drivers) {
      this.#begun.add(name);
      if (plugin.prepare === undefined) continue;
      const prepare = plugin.prepare.bind(plugin);
      const limits = { stop: drain, limitUs };
      await this.#limited(name, 'prepare', limits, options, async (filled, context) => {
        try {
          await prepare(filled, context);
        } catch (error) {
          if (error instanceof NotPreparedError) this.#begun.delete(name);
          throw error;
        }
      });
    }
  }

  /**
   * Has each driver compare what was acknowledged with what is stored. A driver that cannot is recorded; the others still do.
   * @param writesOf what the agents tallied for a driver, by its place in the plan
   */
  async verify(
    writesOf: (driver: number) => ReadonlyMap<string, Readonly<WriteTally>>,
    abort: AbortSignal,
    record: (text: string) => void,
  ): Promise<Verified> {
    const reconciliations: NamedReconciliation[] = [];
    const unverified: string[] = [];
    let driver = -1;
    const { resolved, verifying } = this.#run.spec;
    for (const [name, { plugin, options }] of resolved.drivers) {
      driver++;
      const verify = plugin.verify?.bind(plugin);
      if (verify === undefined || !verifying.has(name)) continue;
      const more = { writes: writesOf(driver), operations: operationsOf(name, resolved) };
      try {
        const reconciliation = await this.#limited(name, 'verify', { stop: abort }, options, async (filled, context) =>
          checkReconciliation(await verify(filled, { ...context, ...more })),
        );
        const sourceDescription = this.#run.secrets.hide(reconciliation.sourceDescription);
        reconciliations.push({ driver: name, reconciliation: { ...reconciliation, sourceDescription } });
      } catch (error) {
        unverified.push(name);
        record(errorMessage(error));
      }
    }
    return { reconciliations, unverified };
  }

  /** Counts all drivers as prepared: another control process called their hooks. */
  recover(): void {
    for (const name of this.#run.spec.resolved.drivers.keys()) this.#begun.add(name);
  }

  /**
   * Has every driver that was prepared clean up, whatever became of the run.
   * @param abort nobody waits any longer
   * @returns what went wrong, a sentence each
   */
  async cleanup(abort: AbortSignal): Promise<string[]> {
    const problems: string[] = [];
    for (const name of this.#begun) {
      const driver = this.#run.spec.resolved.drivers.get(name);
      const cleanup = driver?.plugin.cleanup?.bind(driver.plugin);
      if (cleanup === undefined) continue;
      try {
        await this.#limited(name, 'cleanup', { stop: abort }, driver?.options, cleanup);
      } catch (error) {
        problems.push(abort.aborted ? `driver ${name} was cut off while it cleaned up` : errorMessage(error));
      }
    }
    this.#begun.clear();
    return problems;
  }

  async #limited<Result>(
    driver: string,
    hook: string,
    { stop, limitUs = HOOK_LIMIT_US }: { readonly stop: AbortSignal; readonly limitUs?: number },
    options: unknown,
    work: (options: unknown, context: StepContext) => Promise<Result>,
  ): Promise<Result> {
    const { runId, spec, secrets, clock } = this.#run;
    const { target, fill } = secrets.get();
    const baseDirectory = planFolder(spec);
    const message = `it was not done within ${limitUs / 1e6} s`;
    const progress = (text: string) => this.#progress(secrets.hide(text));
    const carryOut = (signal: AbortSignal) => work(fill(options), { runId, target, baseDirectory, signal, progress });
    try {
      return await withTimeout(clock, limitUs, message, carryOut, stop);
    } catch (error) {
      if (stop.aborted) throw stop.reason;
      const reason = secrets.hide(errorMessage(error));
      throw new BenchError('driver_hook_failed', `driver ${driver}, step ${hook}: ${reason}`, { cause: error });
    }
  }
}
