import { isIP } from 'node:net';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { ROLES, type Role } from '../../control/security/role.ts';
import { formatDuration } from '../../text/duration.ts';
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { defaultSecurityFolder } from '../files/folders.ts';
import { durationUs, flag, portNumber } from '../flags/flags.ts';
import type { Output } from '../output.ts';
import { type Column, renderTable } from '../view/table.ts';

type ExitWith = (code: ExitCode) => void;

const DEFAULT_LIFETIME_US = 3600e6;
/** As AUTHORITY_DAYS of certificates.ts, whose libraries are not loaded for a flag: beyond that no invitation is good. */
const MOST_LIFETIME_US = 3650 * 86_400e6;
const COLUMNS: readonly Column[] = [
  { title: 'Invitation', align: 'left', spare: 0 },
  { title: 'Role', align: 'left', spare: 0 },
  { title: 'Made', align: 'left', spare: 2 },
  { title: 'Expires', align: 'left', spare: 1 },
  { title: 'Certificates', align: 'right', spare: 0 },
];

export function securityFlag(): Option {
  return flag(
    '--security <folder>',
    "with certificates, keys and invitations (default: the user's, under ~/.config/bench)",
  );
}

/** `bench control init`, `invite`, `invitations` and `revoke`: who may talk to a control that others can reach. */
export function addControlSecurity(control: Command, output: Output, exitWith: ExitWith): void {
  control
    .command('init')
    .description('make the certificates of a control that other hosts can reach')
    .addOption(
      // Not BENCH_HOST: that is the address that control listens on, and of `run` the target.
      new Option('--host <name>', 'a name or address of this host; many, the first goes into invitations')
        .env('BENCH_CONTROL_NAMES')
        .argParser(hostNames),
    )
    .addOption(securityFlag())
    .action(async (flags) => exitWith(await runInit(flags, output)));
  control
    .command('invite')
    .description('print the line with which an agent, an operator or a viewer joins')
    .addOption(flag('--role <role>', 'what the invitation is for').choices(ROLES).default('agent'))
    .addOption(
      flag('--expires <time>', 'how long it can be taken up').argParser(lifetimeUs).default(DEFAULT_LIFETIME_US, '1h'),
    )
    .addOption(flag('-p, --port <number>', 'of the control').argParser(portNumber).default(7070))
    .addOption(securityFlag())
    .action(async (flags) => exitWith(await runInvite(flags, output)));
  control
    .command('invitations')
    .description('list the invitations, and how many certificates came of each')
    .addOption(securityFlag())
    .action(async (flags) => exitWith(await runInvitations(flags, output)));
  control
    .command('revoke')
    .description('take an invitation back, with all certificates that came of it')
    .argument('<invitation>', 'id from `bench control invitations`')
    .addOption(securityFlag())
    .action(async (id, flags) => exitWith(await runRevoke(id, flags, output)));
}

interface SecurityFlags {
  readonly security?: string;
}

async function runInit(flags: SecurityFlags & { host?: readonly string[] }, output: Output): Promise<ExitCode> {
  const { initSecurity } = await import('../../control/security/security-folder.ts');
  const folder = folderOf(flags);
  const { isNewAuthority, names, operatorFolder } = await initSecurity(folder, flags.host ?? [], Date.now());
  output.line(
    isNewAuthority
      ? `Certificates are in ${folder}: who can read it is master of this control.`
      : `The authority in ${folder} stays, and what it has issued; control has a new certificate.`,
  );
  if (!isNewAuthority) output.line('The operator has a new one too: that of before is no longer good.');
  output.line(`Control can be reached as ${names.join(', ')}.`);
  output.line(`Commands on this host use the operator's certificate in ${operatorFolder}.`);
  output.line(`Next: bench control --host ${names[0]}, then bench control invite`);
  return EXIT.pass;
}

interface InviteFlags extends SecurityFlags {
  readonly role: Role;
  readonly expires: number;
  readonly port: number;
}

async function runInvite(flags: InviteFlags, output: Output): Promise<ExitCode> {
  const { invitingControl } = await import('../../control/security/security-folder.ts');
  const { role, expires, port } = flags;
  const folder = folderOf(flags);
  const { host, authorityHash } = await invitingControl(folder);
  const token = await (await bookOf(folder)).invite(role, expires / 1000, Date.now());
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const command = role === 'agent' ? 'agent --join' : 'join';
  output.line(`bench ${command} ${address} --token ${token} --ca-hash ${authorityHash}`);
  return EXIT.pass;
}

async function runInvitations(flags: SecurityFlags, output: Output): Promise<ExitCode> {
  const invitations = await (await bookOf(folderOf(flags))).list();
  if (invitations.length === 0) output.line('There are no invitations.');
  else {
    const rows = invitations.map(({ id, role, createdAt, expiresAt, certificates }) => {
      const expires = Date.parse(expiresAt) > Date.now() ? expiresAt : 'expired';
      return { cells: [id, role, createdAt, expires, String(certificates)] };
    });
    output.screen(renderTable(COLUMNS, rows, output.columns(), output.paint));
  }
  return EXIT.pass;
}

async function runRevoke(id: string, flags: SecurityFlags, output: Output): Promise<ExitCode> {
  const certificates = await (await bookOf(folderOf(flags))).revoke(id);
  if (certificates === undefined) {
    throw new CommandError(`There is no invitation ${id}: \`bench control invitations\` lists them.`);
  }
  output.line(
    `Invitation ${id} is revoked, and ${certificates} certificate${certificates === 1 ? '' : 's'}: their calls end within 5 s.`,
  );
  return EXIT.pass;
}

async function bookOf(folder: string) {
  const { Invitations } = await import('../../control/security/invitations.ts');
  return new Invitations(folder);
}

function folderOf({ security }: SecurityFlags): string {
  return security ?? defaultSecurityFolder();
}

/** A name, or several with commas; the flag may be given many times. */
function hostNames(text: string, previous: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim().replace(/^\[(.*)\]$/, '$1'));
  if (names.every((name) => isIP(name) !== 0 || /^[\w.-]+$/.test(name))) return [...previous, ...names];
  throw new InvalidArgumentError('It must be a host name or an address, without a port.');
}

function lifetimeUs(text: string): number {
  const us = durationUs(text);
  if (us <= MOST_LIFETIME_US) return us;
  throw new InvalidArgumentError(`It must be at most ${formatDuration(MOST_LIFETIME_US)}.`);
}
