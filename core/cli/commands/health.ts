import type { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { addConnectionFlags, type ConnectionFlags } from '../flags/connection-flags.ts';
import type { Output } from '../output.ts';

const TIMEOUT_MS = 4000;

export function addHealth(command: Command, run: (flags: ConnectionFlags) => Promise<void>): void {
  addConnectionFlags(command.description('ask a control whether it works, for probes of containers and services'))
    .addHelpText(
      'after',
      `
Exits with 0 when control answers SERVING (grpc.health.v1) within 4 s, and with 1 otherwise.

Examples:
  bench health
  bench health --control control.example:7070 --credentials /etc/bench/operator`,
    )
    .action(run);
}

export async function runHealth(flags: ConnectionFlags, output: Output): Promise<ExitCode> {
  const { clientAccess } = await import('../client/client-credentials.ts');
  const { controlError } = await import('../client/run-client.ts');
  const { askHealth } = await import('../../../proto/rpc/health-client.ts');
  const { control } = flags;
  const access = await clientAccess(control, ['operator', 'viewer', 'agent'], flags);
  const status = await askHealth(control, access, TIMEOUT_MS).catch((error: unknown) => {
    throw controlError(control, error);
  });
  if (status !== 'SERVING') throw new CommandError(`The control at ${control} is not ready: it answers ${status}.`);
  output.line(`The control at ${control} works.`);
  return EXIT.pass;
}
