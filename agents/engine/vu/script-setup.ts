import type { RandomStream } from '../../../core/plan/random.ts';
import type { OperationInfo } from '../../../core/plugin.ts';
import type { UserDefinition } from '../../../core/script/define-user.ts';
import type { DataSource } from '../../../core/script/script-source.ts';
import type { User } from '../../../core/script/user.ts';
import type { DataSources } from './script-data.ts';

/** What all virtual users of a scenario with a script share in one agent. */
export interface ScriptSetup {
  /** Index of the scenario in the plan. */
  readonly scenario: number;
  /** Name of the script's file, for the places of what it throws. */
  readonly file: string;
  readonly definition: UserDefinition;
  readonly params: User['params'];
  readonly passes: PassDraw;
  /** Operations of the drivers that it uses, in the order of the mix. */
  readonly operations: readonly (readonly OperationInfo[])[];
  readonly data: DataSources;
  /** Those that a pass of any virtual user has asked for a row. */
  readonly dataOfPasses: Set<DataSource>;
  /** Row numbers by driver, then by type and name. */
  readonly rows: readonly Map<string, Map<string, number>>[];
  readonly tags: RowTags;
  /** Row numbers of measured spans, and numbers of checks, by name. */
  readonly measures: Map<string, number>;
  readonly checks: Map<string, number>;
  readonly log: (text: string) => void;
}

/** What all virtual users of a scenario know of the rows of its requests. */
export interface RowTags {
  /** The tags of each row whose requests have had no others so far. */
  readonly ofRow: Map<number, Readonly<Record<string, string>>>;
  /** Called once for a row whose requests have others. */
  readonly warn: (text: string) => void;
}

/** What a pass does: the script's only function, or one of its tasks. */
export interface ScriptedPass {
  /** Undefined for `iterate`. */
  readonly task: string | undefined;
  run(user: User): void | Promise<void>;
}

/** Draws what the next pass does. */
export class PassDraw {
  readonly #passes: readonly ScriptedPass[];
  readonly #cumulativeWeights: Float64Array;

  constructor(definition: UserDefinition) {
    const { tasks } = definition;
    if (tasks === undefined) {
      this.#passes = [{ task: undefined, run: (user) => definition.iterate(user) }];
      this.#cumulativeWeights = Float64Array.of(1);
      return;
    }
    const drawn = Object.entries(tasks).filter(([, { weight = 1 }]) => weight > 0);
    this.#passes = drawn.map(([task, { run }]) => ({ task, run }));
    let sum = 0;
    this.#cumulativeWeights = Float64Array.from(drawn, ([, { weight = 1 }]) => {
      sum += weight;
      return sum;
    });
  }

  /** Draws one number where there are tasks, and none where there is nothing to choose. */
  draw(random: RandomStream): ScriptedPass {
    const weights = this.#cumulativeWeights;
    const last = weights.length - 1;
    if (last === 0) return this.#passes[0] as ScriptedPass;
    const point = random.next() * (weights[last] as number);
    let i = 0;
    while (i < last && point >= (weights[i] as number)) i++;
    return this.#passes[i] as ScriptedPass;
  }
}
