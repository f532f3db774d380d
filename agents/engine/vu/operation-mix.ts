import type { RandomStream } from '../../../core/plan/random.ts';
import type { ResolvedOperation } from '../../../core/plan/resolve.ts';

/** An operation as a virtual user carries it out. */
export interface Operation {
  /** Index into the plan's operations: what the recorder counts under. */
  readonly index: number;
  /** Which of the scenario's drivers, by position. */
  readonly driver: number;
  /** What the session's `send` takes. */
  readonly name: string;
}

/** The operations of one scenario and how often each is to be drawn. */
export class OperationMix {
  /** The scenario's drivers, each once. */
  readonly drivers: readonly string[];
  readonly #operations: readonly Operation[];
  readonly #cumulativeWeights: Float64Array;

  constructor(operations: readonly ResolvedOperation[]) {
    this.drivers = [...new Set(operations.map(({ driver }) => driver))];
    this.#operations = operations.map(({ index, driver, driverOperation }) => ({
      index,
      driver: this.drivers.indexOf(driver),
      name: driverOperation,
    }));
    let sum = 0;
    this.#cumulativeWeights = Float64Array.from(operations, ({ weight }) => {
      sum += weight;
      return sum;
    });
  }

  /** Draws one number from the stream, also when there is nothing to choose: so adding an operation shifts nothing else. */
  draw(random: RandomStream): Operation {
    return this.pick(random.next());
  }

  /** @param drawn uniform in [0, 1) */
  pick(drawn: number): Operation {
    const weights = this.#cumulativeWeights;
    const last = weights.length - 1;
    const point = drawn * (weights[last] as number);
    let i = 0;
    while (i < last && point >= (weights[i] as number)) i++;
    return this.#operations[i] as Operation;
  }
}
