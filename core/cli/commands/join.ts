import { type Command, Option } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { address, authorityHash, flag, token } from '../flags/flags.ts';
import type { Output } from '../output.ts';

interface JoinFlags {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly caHash: string;
}

export function addJoin(command: Command, run: (control: string, flags: JoinFlags) => Promise<void>): void {
  command
    .description('accept an invitation to a control and save the certificate, for other commands with `--control`')
    .argument('<host:port>', 'the control', address)
    .addOption(flag('--token-file <file>', 'file with the token of the invitation'))
    .addOption(
      new Option('--token <token>', 'the token itself, which other users can see; better BENCH_INVITATION_TOKEN')
        .argParser(token)
        .conflicts('tokenFile'),
    )
    .addOption(
      flag('--ca-hash <sha256:…>', "hash of control's authority, from the invitation")
        .makeOptionMandatory()
        .argParser(authorityHash),
    )
    .addHelpText(
      'after',
      `
Examples:
  bench join control.example:7070 --token-file token --ca-hash sha256:…
  bench run plan.yaml --control control.example:7070    from then on

Whoever runs the control gets the whole line from \`bench control invite --role operator\` (or viewer).
Agents need no \`bench join\`: \`bench agent --join\` does it.`,
    )
    .action(run);
}

export async function runJoin(control: string, flags: JoinFlags, output: Output): Promise<ExitCode> {
  const { enroll, invitationToken } = await import('../client/enroll.ts');
  const { role, folder } = await enroll({ address: control, caHash: flags.caHash, token: invitationToken(flags) });
  output.line(`Joined control at ${control} as ${role}; the certificate is saved in ${folder}.`);
  if (role !== 'agent') output.line(`Try: bench runs --control ${control}`);
  return EXIT.pass;
}
