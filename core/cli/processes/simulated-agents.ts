import process from 'node:process';
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { createLog, type LogFlags } from '../flags/log-flags.ts';
import type { Output } from '../output.ts';
import { announce } from './child.ts';
import { endInTime, withLifetime } from './lifetime.ts';

export interface SimulatedAgentsFlags extends LogFlags {
  readonly control: string;
  readonly name: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly credentials?: string;
  readonly tokenFile?: string;
  /** Microseconds. */
  readonly grace: number;
  readonly child?: boolean;
}

/** What a simulation reports at its end; a child writes it to stdout as JSON. */
export interface SimulationFigures {
  readonly windows: number;
  /** From the making of a window to its acknowledgement. */
  readonly ackP50Us: number;
  readonly ackP99Us: number;
  readonly ackMaxUs: number;
}

/** Runs many agents in this one process, which send made-up windows, to find out what a control can handle. */
export async function simulateAgents(agents: number, flags: SimulatedAgentsFlags, output: Output): Promise<ExitCode> {
  const { control, name, label: labels = {}, child = false } = flags;
  const { Simulation } = await import('../../../agents/index.ts');
  const { builtinDrivers } = await import('../../../plugins/builtin.ts');
  const { loadDriver } = await import('../../../plugins/loader/load.ts');
  const { clientAccess } = await import('../client/client-credentials.ts');
  const { credentials, tokenFile } = flags;
  const access = await clientAccess(control, ['agent'], { credentials, tokenFile });
  const log = await createLog(flags, output);
  return withLifetime(child, async (lifetime) => {
    if (child) announce({ ready: 'agent' });
    const cut = new AbortController();
    const simulation = new Simulation({
      agents,
      control,
      access,
      name,
      labels,
      drivers: Object.keys(builtinDrivers),
      loadDriver,
      log,
      signal: lifetime.signal,
      cut: cut.signal,
    });
    const living = simulation.run();
    await Promise.race([living, lifetime.ending]);
    const grace = { graceMs: flags.grace / 1000, hurry: () => cut.abort() };
    const exit = (await endInTime(living, lifetime.forced, grace)) ? await living : undefined;
    if (exit?.kind === 'refused')
      throw new CommandError(`Control at ${control} refused a simulated agent: ${exit.reason}`);
    const { count, maxUs } = simulation.acknowledged;
    const [ackP50Us, ackP99Us] = [0.5, 0.99].map((q) => simulation.acknowledged.valueAtQuantileUs(q)) as [
      number,
      number,
    ];
    const figures: SimulationFigures = { windows: count, ackP50Us, ackP99Us, ackMaxUs: maxUs };
    if (child) process.stdout.write(`${JSON.stringify(figures)}\n`);
    else output.line(sentenceOf(agents, figures));
    if (!exit?.handedOver)
      throw new CommandError('A simulated agent ended before control had received all its windows.');
    return (await lifetime.ending) === 'interrupted' ? EXIT.aborted : EXIT.pass;
  });
}

function sentenceOf(agents: number, { windows, ackP50Us, ackP99Us, ackMaxUs }: SimulationFigures): string {
  const [p50, p99, most] = [ackP50Us, ackP99Us, ackMaxUs].map((us) => `${(us / 1000).toFixed(1)} ms`);
  return `${agents} simulated agents: ${windows} windows acknowledged, after ${p50} (p50), ${p99} (p99), ${most} (most).`;
}
