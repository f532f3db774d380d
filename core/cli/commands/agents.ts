import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { addConnectionFlags, type ConnectionFlags } from '../flags/connection-flags.ts';
import type { Output } from '../output.ts';
import type { Column } from '../view/table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'Agent', align: 'left', spare: 0 },
  { title: 'Host', align: 'left', spare: 1 },
  { title: 'Cores', align: 'right', spare: 2 },
  { title: 'Runtime', align: 'left', spare: 2 },
  { title: 'Labels', align: 'left', spare: 1 },
  { title: 'Run', align: 'left', spare: 0 },
];

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
  const { renderTable } = await import('../view/table.ts');
  const { agents } = await askControl(flags.control, (client) => client.listAgents({}), flags);
  if (agents.length === 0) output.line(`No agents have joined the control at ${flags.control}.`);
  const rows = agents.map(({ name, environment, runId, labels }) => {
    const { host = '', cpus = 0, runtime = '' } = environment ?? {};
    return { cells: [name, host, String(cpus), runtime, labelled(labels), runId || 'idle'] };
  });
  if (rows.length > 0) output.screen(renderTable(COLUMNS, rows, output.columns(), output.paint));
  return EXIT.pass;
}

function labelled(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
