import { basename } from 'node:path';
import type { Journey } from '../../core/plan/journey.ts';
import type { ResolvedPlan } from '../../core/plan/resolve.ts';
import type { DealIndices } from '../../core/script/dealt-indices.ts';
import type { ScriptSource } from '../../core/script/script-source.ts';
import type { User } from '../../core/script/user.ts';
import { PassDraw, type ScriptSetup } from './vu/script-setup.ts';

/** Lines that scripts may write to the agent's log in a run. */
const MAX_LINES = 100;

export interface ScriptsOptions {
  readonly plan: ResolvedPlan;
  readonly deal: DealIndices;
  readonly baseDirectory: string;
  /** Undefined where plans have no scripts. */
  readonly openData?: ScriptSource['openData'] | undefined;
  readonly params?: User['params'];
  /** Called with one sentence about the measurement, for whoever reads the result. */
  readonly warn: (text: string) => void;
  /** Called with one line for the log. */
  readonly log: (text: string) => void;
}

/** Makes what the scripts of a plan need in one agent. */
export class Scripts {
  readonly #options: ScriptsOptions;
  #lines = 0;

  constructor(options: ScriptsOptions) {
    this.#options = options;
  }

  /** @returns undefined where the journey is a flow @throws {PluginError} when a data file cannot be used */
  async setup({ scenario, work }: Journey): Promise<ScriptSetup | undefined> {
    if (work.kind !== 'script') return undefined;
    const { plan, deal, baseDirectory, openData, params = {} } = this.#options;
    const [name, parsed] = Object.entries(plan.plan.scenarios)[scenario] ?? [];
    if (parsed === undefined) return undefined;
    const dealRows: DealIndices = (set, length, repeats) => deal(`${set} of scenario ${name}`, length, repeats);
    const { definition, drivers } = work;
    return {
      scenario,
      file: basename(parsed.user ?? ''),
      definition,
      params,
      passes: new PassDraw(definition),
      operations: drivers.map((name) => {
        const driver = plan.drivers.get(name);
        return driver?.plugin.operations(driver.options) ?? [];
      }),
      data: (await openData?.(parsed.data, baseDirectory, dealRows)) ?? new Map(),
      rows: drivers.map(() => new Map()),
      tags: { ofRow: new Map(), warn: this.#options.warn },
      dataOfPasses: new Set(),
      measures: new Map(),
      checks: new Map(),
      log: (text) => this.#log(text),
    };
  }

  #log(text: string): void {
    this.#lines += 1;
    if (this.#lines > MAX_LINES + 1) return;
    this.#options.log(
      this.#lines > MAX_LINES ? `scripts have written ${MAX_LINES} lines: the rest is left out` : String(text),
    );
  }
}
