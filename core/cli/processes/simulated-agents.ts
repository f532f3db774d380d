import process from 'node:process';
import { Simulation } from '../../../agents/index.ts';
import type { ExitCode } from '../exit-codes.ts';
import { createLog } from '../flags/log-flags.ts';
import type { Output } from '../output.ts';
import { type AgentProcessFlags, runAgentsInProcess } from './agent-lifetime.ts';

/** What a simulation reports at its end; a child writes it to stdout as JSON. */
export interface SimulationFigures {
  readonly windows: number;
  /** From the making of a window to its acknowledgement. */
  readonly ackP50Us: number;
  readonly ackP99Us: number;
  readonly ackMaxUs: number;
}

/** Runs many agents in this one process, which send made-up windows, to find out what a control can handle. */
export async function simulateAgents(agents: number, flags: AgentProcessFlags, output: Output): Promise<ExitCode> {
  const tell = (figures: SimulationFigures) => {
    if (flags.child) process.stdout.write(`${JSON.stringify(figures)}\n`);
    else output.line(sentenceOf(agents, figures));
  };
  return runAgentsInProcess('a simulated agent', flags, await createLog(flags, output), (options) => {
    const simulation = new Simulation({ ...options, agents });
    return { exit: simulation.run(), ended: () => tell(figuresOf(simulation)) };
  });
}

function figuresOf({ acknowledged }: Simulation): SimulationFigures {
  const { count, maxUs } = acknowledged;
  const [ackP50Us, ackP99Us] = [acknowledged.valueAtQuantileUs(0.5), acknowledged.valueAtQuantileUs(0.99)];
  return { windows: count, ackP50Us, ackP99Us, ackMaxUs: maxUs };
}

function sentenceOf(agents: number, { windows, ackP50Us, ackP99Us, ackMaxUs }: SimulationFigures): string {
  const [p50, p99, most] = [ackP50Us, ackP99Us, ackMaxUs].map((us) => `${(us / 1000).toFixed(1)} ms`);
  return `${agents} simulated agents: ${windows} windows acknowledged, after ${p50} (p50), ${p99} (p99), ${most} (most).`;
}
