import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { addConnectionFlags, type ConnectionFlags } from '../flags/connection-flags.ts';
import type { Output } from '../output.ts';

export function addAgents(command: Command, run: (flags: ConnectionFlags) => Promise<void>): void {
  addConnectionFlags(command.description('list the agents of a control'))
    .addHelpText(
      'after',
      `
Examples:
  bench agents
  bench agents --control control.example:7070`,
    )
    .action(run);
}

export async function runAgents(flags: ConnectionFlags, output: Output): Promise<ExitCode> {
  const { askControl } = await import('../client/stored-runs.ts');
  const { agentsTable } = await import('../view/listings.ts');
  const { agents } = await askControl(flags.control, (client) => client.listAgents({}), flags);
  if (agents.length === 0) output.line(`No agents have joined the control at ${flags.control}.`);
  else output.screen(agentsTable(agents, output.columns(), output.paint));
  return EXIT.pass;
}
