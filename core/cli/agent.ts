import { hostname } from 'node:os';
import process from 'node:process';
import type { Command } from 'commander';
import { announce } from './child.ts';
import { CommandError } from './command-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { address, childFlag, flag, wholeNumber } from './flags.ts';
import { abortOf, withLifetime } from './lifetime.ts';
import type { Output } from './output.ts';

interface AgentFlags {
  readonly control: string;
  readonly name: string;
  readonly processes: number;
  readonly child?: boolean;
}

export function addAgent(command: Command, run: (flags: AgentFlags) => Promise<void>): void {
  command
    .description('start an agent: it joins a control and generates its share of the load')
    .addOption(flag('--control <host:port>', 'the control to join').default('127.0.0.1:7070').argParser(address))
    .addOption(
      flag('--name <name>', 'unique among the agents of a control').default(
        `${hostname()}-${process.pid}`,
        'host name and process id',
      ),
    )
    .addOption(
      flag('--processes <number>', 'agents to start on this host; 0: one per core')
        .default(1)
        .argParser(wholeNumber(0, 256)),
    )
    .addOption(childFlag())
    .addHelpText(
      'after',
      `
Examples:
  bench agent                                    joins the control on this host
  bench agent --control 10.0.0.5:7070 --name rack-2
  bench agent --processes 0                      one agent per core`,
    )
    .action(run);
}

export async function runAgentCommand(flags: AgentFlags, output: Output): Promise<ExitCode> {
  if (flags.processes !== 1) {
    const { runAgentProcesses } = await import('./agent-processes.ts');
    return runAgentProcesses(flags.processes, flags, output);
  }
  const { runAgent } = await import('../../agents/index.ts');
  const { builtinDrivers } = await import('../../plugins/builtin.ts');
  const { loadDriver } = await import('../../plugins/load.ts');
  const { control, name } = flags;
  return withLifetime(flags.child === true, async (lifetime) => {
    if (flags.child) announce({ ready: 'agent' });
    const living = runAgent({
      control,
      name,
      drivers: Object.keys(builtinDrivers),
      loadDriver,
      log: output.problem,
      signal: lifetime.signal,
    });
    const exit = await Promise.race([living, abortOf(lifetime.forced)]);
    if (exit !== undefined && exit.kind === 'refused')
      throw new CommandError(`Control at ${control} refused agent ${name}: ${exit.reason}`);
    output.problem(`Agent ${name} ended.`);
    return (await lifetime.ending) === 'interrupted' ? EXIT.aborted : EXIT.pass;
  });
}
