import { availableParallelism } from 'node:os';
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import type { AgentProcessFlags } from './agent-lifetime.ts';
import { Child } from './child.ts';
import { endInTime, withLifetime } from './lifetime.ts';

/** Agents then hurry by themselves before this process hurries them. */
const GRACE_MARGIN_MS = 2000;

/**
 * Runs several agents on this host, each in a process of its own, because one event loop uses one core. They end with this
 * process, in order or hurried as it is. When one of them ends by itself, all do.
 *
 * @param processes their number; 0 starts one per core
 * @throws {CommandError} when an agent ends by itself or not in order
 */
export async function runAgentProcesses(
  processes: number,
  {
    control,
    name,
    credentials,
    tokenFile,
    secrets,
    secretsFolder,
    files,
    cache,
    remoteCode,
    allowPlugin = [],
    label: labels = {},
    grace,
    logFormat,
    logLevel,
  }: AgentProcessFlags,
  output: Output,
): Promise<ExitCode> {
  const caller = [
    '--secrets-folder',
    secretsFolder,
    ...(secrets === undefined ? [] : ['--secrets', secrets]),
    ...(files === undefined ? [] : ['--files', files]),
    ...(cache === undefined ? [] : ['--cache', cache]),
    ...(remoteCode ? [] : ['--no-remote-code']),
    ...allowPlugin.map((sha256) => `--allow-plugin=${sha256}`),
    ...(credentials === undefined ? [] : ['--credentials', credentials]),
    ...(tokenFile === undefined ? [] : ['--token-file', tokenFile]),
  ];
  const logging = ['--log-format', logFormat, '--log-level', logLevel];
  const labelled = Object.entries(labels).map(([key, value]) => `--label=${key}=${value}`);
  const common = ['--control', control, ...caller, ...labelled, ...logging, '--grace', `${grace / 1000}ms`];
  const count = processes === 0 ? availableParallelism() : processes;
  return withLifetime(false, async (lifetime) => {
    const agents = Array.from({ length: count }, (_, i) => {
      const label = `${name}-${i + 1}`;
      const tell = (line: string) => output.problem(logFormat === 'json' ? line : `${label}: ${line}`);
      return new Child('agent', label, [...common, '--name', label], { hear: tell });
    });
    const terminate = () => {
      for (const agent of agents) agent.terminate();
    };
    try {
      await Promise.all(agents.map(({ ready }) => ready));
    } catch (error) {
      await Promise.all(agents.map((agent) => agent.end()));
      throw error;
    }
    const gone = Promise.race(agents.map(async (agent) => agent.exited.then(() => agent)));
    const first = await Promise.race([lifetime.ending, gone]);
    terminate();
    const exits = Promise.all(agents.map(({ exited }) => exited));
    await endInTime(exits, lifetime.forced, { graceMs: grace / 1000 + GRACE_MARGIN_MS, hurry: terminate });
    await Promise.all(agents.map((agent) => agent.end(true)));
    if (typeof first === 'object') throw new CommandError(`Agent ${first.label} ended by itself, so all of them do.`);
    const bad = (await exits).flatMap(({ code, signal }, i) => {
      if (code === EXIT.pass || code === EXIT.aborted) return [];
      return `${agents[i]?.label} (${signal ?? `exit code ${code}`})`;
    });
    if (bad.length > 0) throw new CommandError(`Agents that did not end in order: ${bad.join(', ')}.`);
    return first === 'interrupted' ? EXIT.aborted : EXIT.pass;
  });
}
