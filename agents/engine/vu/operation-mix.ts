import type { RandomStream } from '../../../core/plan/random.ts';
import type { ResolvedOperation } from '../../../core/plan/resolved-operation.ts';

/** An operation of the plan, prepared for virtual users. */
export interface Operation {
  /** Index among the operations of the plan; the recorder counts by it. */
  readonly index: number;
  /** Index into {@link OperationMix.drivers}. */
  readonly driver: number;
  /** Name that the session's `send` takes. */
  readonly name: string;
  /** Its row in the results. */
  readonly row: string;
}

/** The operations of one scenario with their weights. Immutable, shared by all virtual users of the scenario. */
export class OperationMix {
  /** Names of the scenario's drivers, without repetition. */
  readonly drivers: readonly string[];
  readonly #operations: readonly Operation[];
  readonly #cumulativeWeights: Float64Array;
  /** For each driver, what virtual users may send through it; undefined where that is anything. */
  readonly sendable: readonly (ReadonlySet<string> | undefined)[];
  /** By their index among the operations of the plan. */
  readonly #byIndex: Operation[] = [];

  /** @param scriptDrivers those that a script uses in its own way; otherwise they are those of the operations */
  constructor(operations: readonly ResolvedOperation[], scriptDrivers?: readonly string[]) {
    this.drivers = [...new Set(scriptDrivers ?? operations.map(({ driver }) => driver))];
    this.sendable = this.drivers.map((name) => {
      if (scriptDrivers !== undefined) return undefined;
      const own = operations.filter(({ driver }) => driver === name);
      return new Set(own.map(({ driverOperation }) => driverOperation));
    });
    this.#operations = operations.map(({ index, driver, driverOperation, name }) => ({
      index,
      driver: this.drivers.indexOf(driver),
      name: driverOperation,
      row: name,
    }));
    for (const operation of this.#operations) this.#byIndex[operation.index] = operation;
    let sum = 0;
    this.#cumulativeWeights = Float64Array.from(operations, ({ weight }) => {
      sum += weight;
      return sum;
    });
  }

  /** @param index among the operations of the plan; one of this scenario */
  at(index: number): Operation {
    return this.#byIndex[index] as Operation;
  }

  /** Always draws exactly one number, so that adding an operation does not shift what else the stream is used for. */
  draw(random: RandomStream): Operation {
    return this.pick(random.next());
  }

  /** @param drawn a random number, uniform in [0, 1) */
  pick(drawn: number): Operation {
    const weights = this.#cumulativeWeights;
    const last = weights.length - 1;
    const point = drawn * (weights[last] as number);
    let i = 0;
    while (i < last && point >= (weights[i] as number)) i++;
    return this.#operations[i] as Operation;
  }
}
