import type { Clock } from '../../clock.ts';
import { errorMessage } from '../../error.ts';
import { operationsOf } from '../../plan/clash.ts';
import { NotPreparedError, type StepContext, type WriteTally } from '../../plugin.ts';
import { checkReconciliation } from '../../stats/reconciliation-schema.ts';
import type { NamedReconciliation } from '../../stats/result.ts';
import { withTimeout } from '../../timeout.ts';
import { HOOK_LIMIT_US } from '../limits.ts';
import type { RunSecrets } from '../run/run-secrets.ts';
import type { RunSpec } from '../run/run-spec.ts';

export interface DriverHooksOptions {
  readonly runId: string;
  readonly spec: RunSpec;
  readonly secrets: RunSecrets;
  readonly clock: Clock;
  /** One sentence for the person who watches. */
  readonly progress: (text: string) => void;
}

/** What became of the drivers that have a `verify`. */
export interface Verified {
  readonly reconciliations: NamedReconciliation[];
  /** The names of those that could not. */
  readonly unverified: string[];
}

/** The once-per-run steps of a run's drivers, one driver after the other. */
export class DriverHooks {
  readonly #options: DriverHooksOptions;
  /** Drivers whose `prepare` has begun: they have something to clean up. */
  readonly #begun = new Set<string>();

  constructor(options: DriverHooksOptions) {
    this.#options = options;
  }

  /** @throws an Error whose sentence names the driver, or the signal's reason */
  async prepare(stop: AbortSignal): Promise<void> {
    for (const [name, { plugin, options }] of this.#options.spec.resolved.drivers) {
      this.#begun.add(name);
      if (plugin.prepare === undefined) continue;
      const prepare = plugin.prepare.bind(plugin);
      await this.#limited(name, 'prepare', stop, options, async (filled, context) => {
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
   * A driver that cannot verify is noted; the others still do.
   * @param writesOf what a driver tallied, by its place in the plan
   */
  async verify(
    writesOf: (driver: number) => ReadonlyMap<string, Readonly<WriteTally>>,
    hurry: AbortSignal,
    note: (text: string) => void,
  ): Promise<Verified> {
    const reconciliations: NamedReconciliation[] = [];
    const unverified: string[] = [];
    let driver = -1;
    const { resolved } = this.#options.spec;
    for (const [name, { plugin, options }] of resolved.drivers) {
      driver++;
      const verify = plugin.verify?.bind(plugin);
      if (verify === undefined) continue;
      const more = { writes: writesOf(driver), operations: operationsOf(name, resolved.operations) };
      try {
        const reconciliation = await this.#limited(name, 'verify', hurry, options, async (filled, context) =>
          checkReconciliation(await verify(filled, { ...context, ...more })),
        );
        const sourceDescription = this.#options.secrets.hide(reconciliation.sourceDescription);
        reconciliations.push({ driver: name, reconciliation: { ...reconciliation, sourceDescription } });
      } catch (error) {
        unverified.push(name);
        note(errorMessage(error));
      }
    }
    return { reconciliations, unverified };
  }

  /** They were prepared under another control process. */
  recover(): void {
    for (const name of this.#options.spec.resolved.drivers.keys()) this.#begun.add(name);
  }

  /**
   * Of every driver that was prepared, whatever became of the run.
   * @returns what went wrong, a sentence each, which is told as progress too
   */
  async cleanup(): Promise<string[]> {
    const problems: string[] = [];
    const never = new AbortController().signal;
    for (const name of this.#begun) {
      const driver = this.#options.spec.resolved.drivers.get(name);
      const cleanup = driver?.plugin.cleanup?.bind(driver.plugin);
      if (cleanup === undefined) continue;
      try {
        await this.#limited(name, 'cleanup', never, driver?.options, cleanup);
      } catch (error) {
        problems.push(errorMessage(error));
        this.#options.progress(problems.at(-1) as string);
      }
    }
    this.#begun.clear();
    return problems;
  }

  async #limited<Result>(
    driver: string,
    step: string,
    stop: AbortSignal,
    options: unknown,
    work: (options: unknown, context: StepContext) => Promise<Result>,
  ): Promise<Result> {
    const { runId, spec, secrets, clock } = this.#options;
    const { target, fill } = secrets.get();
    const { baseDirectory } = spec;
    const message = `it was not done within ${HOOK_LIMIT_US / 1e6} s`;
    const progress = (text: string) => this.#options.progress(secrets.hide(text));
    const carryOut = (signal: AbortSignal) => work(fill(options), { runId, target, baseDirectory, signal, progress });
    try {
      return await withTimeout(clock, HOOK_LIMIT_US, message, carryOut, stop);
    } catch (error) {
      if (stop.aborted) throw stop.reason;
      const reason = secrets.hide(errorMessage(error));
      throw new Error(`driver ${driver}, step ${step}: ${reason}`);
    }
  }
}
