import { Histogram } from '../../core/stats/histogram.ts';
import { type AgentExit, type AgentOptions, runAgent } from '../agent.ts';
import type { LoadSource } from '../generator.ts';
import { SimulatedEngine } from './simulated-engine.ts';
import { IDLE_HOST } from './synthetic-window.ts';

export const simulatedLoad: LoadSource = {
  watchHost: () => ({ take: () => IDLE_HOST, restart: () => {}, stop: () => {} }),
  createGenerator: (options) => new SimulatedEngine(options),
};

export interface SimulationOptions extends Omit<AgentOptions, 'load' | 'acknowledged'> {
  readonly agents: number;
}

/**
 * Many agents in one process, to test what a control can take. Each agent has its own connection and follows the protocol,
 * but generates no load. Their names are the given name with a number.
 */
export class Simulation {
  readonly #options: SimulationOptions;
  readonly #acknowledged = new Histogram();

  constructor(options: SimulationOptions) {
    this.#options = options;
  }

  /** Microseconds from the closing of each window to its acknowledgement, over all agents and runs so far. */
  get acknowledged(): Pick<Histogram, 'count' | 'valueAtQuantileUs' | 'maxUs'> {
    return this.#acknowledged;
  }

  /** Runs until all agents were told to end, or one is refused. Only the first agent writes to the log. */
  async run(): Promise<AgentExit> {
    const { agents, name, log } = this.#options;
    const exits: Promise<AgentExit>[] = [];
    for (let i = 0; i < agents; i++) exits.push(this.#agent(`${name}-${i + 1}`, i === 0 ? log : () => {}));
    const refused = Promise.withResolvers<AgentExit>();
    for (const exit of exits) {
      void exit.then((ended) => {
        if (ended.kind === 'refused') refused.resolve(ended);
      }, refused.reject);
    }
    const all = Promise.all(exits).then((ended): AgentExit => {
      const handedOver = ended.every((exit) => exit.kind === 'told-to-end' && exit.handedOver);
      return { kind: 'told-to-end', handedOver };
    });
    return Promise.race([all, refused.promise]);
  }

  #agent(name: string, log: AgentOptions['log']): Promise<AgentExit> {
    return runAgent({
      ...this.#options,
      name,
      log,
      load: simulatedLoad,
      acknowledged: (afterUs) => this.#acknowledged.record(afterUs),
    });
  }
}
