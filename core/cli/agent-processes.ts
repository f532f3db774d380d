import { availableParallelism } from 'node:os';
import { Child } from './child.ts';
import { CommandError } from './command-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { withLifetime } from './lifetime.ts';
import type { LogFlags } from './log.ts';
import type { Output } from './output.ts';

export interface AgentsOptions extends LogFlags {
  readonly control: string;
  readonly name: string;
  readonly credentials?: string;
  readonly label?: Readonly<Record<string, string>>;
  /** Microseconds. */
  readonly grace: number;
}

/**
 * Several agents on one host, each a process and an agent of its own to control: one event loop uses one core.
 * They end with this process; when one ends by itself, all do.
 *
 * @param processes how many; 0: one per core
 * @param name the agents are called by this and a number
 */
export async function runAgentProcesses(
  processes: number,
  { control, name, credentials, label: labels = {}, grace, logFormat, logLevel }: AgentsOptions,
  output: Output,
): Promise<ExitCode> {
  const certificate = credentials === undefined ? [] : ['--credentials', credentials];
  const logging = ['--log-format', logFormat, '--log-level', logLevel];
  const labelled = Object.entries(labels).map(([key, value]) => `--label=${key}=${value}`);
  const common = ['--control', control, ...certificate, ...labelled, ...logging, '--grace', `${grace / 1000}ms`];
  const count = processes === 0 ? availableParallelism() : processes;
  return withLifetime(false, async (lifetime) => {
    const agents = Array.from({ length: count }, (_, i) => {
      const label = `${name}-${i + 1}`;
      const tell = (line: string) => output.problem(logFormat === 'json' ? line : `${label}: ${line}`);
      return new Child('agent', label, [...common, '--name', label], { hear: tell });
    });
    try {
      await Promise.all(agents.map(({ ready }) => ready));
      const gone = Promise.race(agents.map(async (agent) => agent.exited.then(() => agent)));
      const first = await Promise.race([lifetime.ending, gone]);
      if (typeof first === 'object') throw new CommandError(`Agent ${first.label} ended by itself, so all of them do.`);
      return first === 'interrupted' ? EXIT.aborted : EXIT.pass;
    } finally {
      await Promise.all(agents.map((agent) => agent.end(lifetime.forced.aborted)));
    }
  });
}
