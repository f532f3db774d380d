import { isIP } from 'node:net';
import { type Command, InvalidArgumentError, type Option, type OptionValueSource } from 'commander';
import { addressOf } from '../../../proto/address.ts';
import { ROLES, type Role } from '../../control/security/role.ts';
import { formatDuration } from '../../text/duration.ts';
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { defaultSecurityFolder } from '../files/folders.ts';
import { DEFAULT_CONTROL_PORT } from '../flags/connection-flags.ts';
import { durationUs, flag, portNumber, repeatable } from '../flags/flags.ts';
import type { Output } from '../output.ts';
import type { Column } from '../view/table.ts';

type ExitWith = (code: ExitCode) => void;

const DEFAULT_LIFETIME_US = 3600e6;
/** Same as AUTHORITY_DAYS in certificates.ts, whose libraries are too large to load for a flag. */
const MAX_LIFETIME_US = 3650 * 86_400e6;
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
    'folder with the certificates, keys and invitations (default: ~/.config/bench/control)',
  );
}

/** `bench control init`, `invite`, `invitations` and `revoke`: who may call a control that other hosts can reach. */
export function addControlSecurity(control: Command, output: Output, exitWith: ExitWith): void {
  control
    .command('init')
    .description('make the certificates of a control that other hosts can reach')
    .addOption(
      // BENCH_HOST is taken: it is the address that control listens on, and the target of `bench run`.
      flag('--host <name>', 'a name or address of this host, repeatable; the first one goes into invitations')
        .env('BENCH_CONTROL_NAMES')
        .argParser(hostNames),
    )
    .addOption(securityFlag())
    .action(async (flags) => exitWith(await runInit(flags, output)));
  control
    .command('invite')
    .description('print the command with which an agent, an operator or a viewer joins')
    .addOption(flag('--role <role>', 'what the invited may do').choices(ROLES).default('agent'))
    .addOption(
      flag('--expires <time>', 'how long the invitation can be accepted')
        .argParser(lifetimeUs)
        .default(DEFAULT_LIFETIME_US, '1h'),
    )
    .addOption(
      flag(
        '-p, --port <number>',
        `port of the control (default: ${DEFAULT_CONTROL_PORT}); with --web that of its page`,
      ).argParser(portNumber),
    )
    .addOption(
      // BENCH_WEB is taken: it is the address of the page.
      flag('--web', 'print the address at which a viewer or operator logs in to the page')
        .env('BENCH_INVITE_WEB')
        .conflicts('api'),
    )
    .addOption(flag('--api', 'print a token for programs that call the HTTP API'))
    .addOption(securityFlag())
    .action(async (flags: InviteFlags, invite: Command) => {
      exitWith(await runInvite(flags, invite.getOptionValueSource('port'), output));
    });
  control
    .command('invitations')
    .description('list the invitations, and how many certificates were issued for each')
    .addOption(securityFlag())
    .action(async (flags) => exitWith(await runInvitations(flags, output)));
  control
    .command('revoke')
    .description('withdraw an invitation and all certificates that were issued for it')
    .argument('<invitation>', 'its id, from `bench control invitations`')
    .addOption(securityFlag())
    .action(async (id, flags) => exitWith(await runRevoke(id, flags, output)));
}

interface SecurityFlags {
  readonly security?: string;
}

async function runInit(flags: SecurityFlags & { host?: readonly string[] }, output: Output): Promise<ExitCode> {
  const { initSecurity } = await import('../../control/security/security-folder.ts');
  const folder = await folderOf(flags, true);
  const { isNewAuthority, names, operatorFolder } = await initSecurity(folder, flags.host ?? [], Date.now());
  output.line(
    isNewAuthority
      ? `The certificates are in ${folder}: whoever can read it can do everything with this control.`
      : `The authority in ${folder} is unchanged and the certificates it has issued stay valid; control has a new certificate.`,
  );
  if (!isNewAuthority) output.line('The operator has a new certificate too: the previous one is no longer valid.');
  output.line(`Control can be reached as ${names.join(', ')}.`);
  output.line(`Commands on this host use the operator's certificate in ${operatorFolder}.`);
  output.line(`Next: bench control --host ${names[0]}, then bench control invite`);
  return EXIT.pass;
}

interface InviteFlags extends SecurityFlags {
  readonly role: Role;
  readonly expires: number;
  readonly port?: number;
  readonly web?: true;
  readonly api?: true;
}

/** @param portSource where commander has found the port */
async function runInvite(
  flags: InviteFlags,
  portSource: OptionValueSource | undefined,
  output: Output,
): Promise<ExitCode> {
  const { invitingControl } = await import('../../control/security/security-folder.ts');
  const { role, expires, port = DEFAULT_CONTROL_PORT, web, api } = flags;
  if ((web || api) && role === 'agent') {
    const flagName = web ? '--web' : '--api';
    throw new CommandError(
      `${flagName} is for people and programs: add --role viewer or --role operator.`,
      EXIT.invalidInput,
    );
  }
  // BENCH_PORT is that of the control.
  if (web && portSource !== 'cli') {
    throw new CommandError(
      '--web needs the port of the page: add --port, as in `bench control --web`.',
      EXIT.invalidInput,
    );
  }
  const folder = await folderOf(flags);
  const { host, authorityHash } = await invitingControl(folder);
  const use = web ? 'web' : api ? 'api' : 'join';
  const token = await (await bookOf(folder)).invite(role, expires / 1000, Date.now(), use);
  const address = addressOf(host, port);
  // Browsers send what stands after # to no server, so that it is in no log.
  if (web) output.line(`https://${address}/#token=${token}`);
  if (api) output.line(token);
  if (use !== 'join') return EXIT.pass;
  const command = role === 'agent' ? 'agent --join' : 'join';
  // Arguments of a process can be seen by every user of its host, its environment cannot.
  output.line(`BENCH_INVITATION_TOKEN=${token} bench ${command} ${address} --ca-hash ${authorityHash}`);
  return EXIT.pass;
}

async function runInvitations(flags: SecurityFlags, output: Output): Promise<ExitCode> {
  const { renderTable } = await import('../view/table.ts');
  const invitations = await (await bookOf(await folderOf(flags))).list();
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
  const certificates = await (await bookOf(await folderOf(flags))).revoke(id);
  if (certificates === undefined) {
    throw new CommandError(`There is no invitation ${id}: \`bench control invitations\` lists them.`);
  }
  output.line(
    `Invitation ${id} is revoked, with ${certificates} certificate${certificates === 1 ? '' : 's'}: open calls end within 5 s.`,
  );
  return EXIT.pass;
}

async function bookOf(folder: string) {
  const { Invitations } = await import('../../control/security/invitations.ts');
  return new Invitations(folder);
}

/** @param isNew as {@link checkSecurityFolder} takes it */
async function folderOf({ security = defaultSecurityFolder() }: SecurityFlags, isNew = false): Promise<string> {
  const { checkSecurityFolder } = await import('../files/security-place.ts');
  await checkSecurityFolder(security, isNew);
  return security;
}

/** One name, or several separated by commas; the flag may be given several times. */
const hostNames = repeatable((text: string, previous: readonly string[] = []): readonly string[] => {
  const names = text.split(',').map((name) => name.trim().replace(/^\[(.*)\]$/, '$1'));
  if (names.every((name) => isIP(name) !== 0 || /^[\w.-]+$/.test(name))) return [...previous, ...names];
  throw new InvalidArgumentError('It must be a host name or an address, without a port.');
});

function lifetimeUs(text: string): number {
  const us = durationUs(text);
  if (us <= MAX_LIFETIME_US) return us;
  throw new InvalidArgumentError(`It must be at most ${formatDuration(MAX_LIFETIME_US)}.`);
}
