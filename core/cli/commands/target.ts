import { rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { MysqlSettings } from '../../../target/mysql/settings.ts';
import { processLookup } from '../../environment.ts';
import { errorMessage } from '../../error.ts';
import { type MysqlTls, mysqlAddress } from '../../mysql/address.ts';
import { formatDatabaseUrl, isDatabaseUrl, parseDatabaseUrl } from '../../secrets/database-url.ts';
import { parseDurationUs } from '../../text/duration.ts';
import { CommandError } from '../command-error.ts';
import { hidePassword } from '../command-line.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { flag, portNumber, wholeNumber } from '../flags/flags.ts';
import { childFlag } from '../flags/process-flags.ts';
import type { Output } from '../output.ts';
import { announce } from '../processes/child.ts';
import { serveUntilEnd, withLifetime } from '../processes/lifetime.ts';

/** For a MySQL server that does not answer, where the URL sets no limit. */
const CONNECT_TIMEOUT_MS = 5000;

interface TargetFlags {
  readonly host: string;
  readonly port: number;
  readonly db: string;
  readonly drop?: boolean;
  readonly child?: boolean;
  readonly temporary?: boolean;
  readonly poolSize: number;
  readonly poolOverflow: number;
  /** Milliseconds. */
  readonly poolCheckAfter: number;
  readonly echoSql?: boolean;
  readonly dbTls?: boolean;
  readonly dbTlsCa?: string;
  readonly dbTlsCert?: string;
  readonly dbTlsKey?: string;
  readonly dbTlsInsecure?: boolean;
}

export function addTarget(command: Command, run: (flags: TargetFlags) => Promise<void>): void {
  command
    .description('start the reference system under test: an upload endpoint in front of a database')
    .addOption(flag('--host <address>', 'address to listen on').default('127.0.0.1'))
    .addOption(flag('-p, --port <number>', 'port to listen on; 0 takes a free one').default(5002).argParser(portNumber))
    .addOption(
      flag(
        '--db <file|url>',
        'SQLite file, which is made if it does not exist; or mysql://user:password@host:port/database',
      ).default('bench-target.sqlite'),
    )
    .addOption(flag('--drop', 'drop the table test_upload, and exit'))
    .optionsGroup('With MySQL:')
    .addOption(flag('--pool-size <number>', 'connections to keep').default(50).argParser(wholeNumber(0, 10_000)))
    .addOption(
      flag('--pool-overflow <number>', 'additional connections under load')
        .default(100)
        .argParser(wholeNumber(0, 10_000)),
    )
    .addOption(
      flag('--pool-check-after <time>', 'check a connection before use if it was idle for this long')
        .default(500, '500ms')
        .argParser(idleTimeMs),
    )
    .addOption(flag('--echo-sql', 'print each statement'))
    .addOption(flag('--db-tls', 'encrypt the connections; the flags below imply it'))
    .addOption(flag('--db-tls-ca <file>', 'PEM file with the authorities to trust, instead of the usual ones'))
    .addOption(flag('--db-tls-cert <file>', "PEM file with the target's own certificate; needs --db-tls-key"))
    .addOption(flag('--db-tls-key <file>', 'PEM file with its private key'))
    .addOption(flag('--db-tls-insecure', 'accept any certificate: encrypted, but the server may be anyone'))
    .addOption(childFlag())
    .addOption(new Option('--temporary').hideHelp())
    .addHelpText(
      'after',
      `
Examples:
  bench target                                   on http://127.0.0.1:5002, rows go to ./bench-target.sqlite
  bench target --port 0 --db /tmp/devices.sqlite
  bench target --db /tmp/devices.sqlite --drop   remove the table
  bench target --db 'mysql://bench:\${env:DB_PASSWORD}@127.0.0.1:3306/bench'
                                                 MySQL; the password comes from the environment`,
    )
    .action(run);
}

export async function runTarget(flags: TargetFlags, output: Output): Promise<ExitCode> {
  const { TargetError, ...target } = await import('../../../target/index.ts');
  try {
    return await useTarget(target, flags, output);
  } catch (error) {
    // The target imports nothing of ours, and so has errors of its own.
    throw error instanceof TargetError ? new CommandError(error.message, EXIT.error, { cause: error }) : error;
  }
}

type TargetModule = Pick<typeof import('../../../target/index.ts'), 'dropTarget' | 'startTarget'>;

async function useTarget(
  { dropTarget, startTarget }: TargetModule,
  flags: TargetFlags,
  output: Output,
): Promise<ExitCode> {
  hidePassword('--db', flags.db, 'bench target');
  const { db, ...wiring } = await databaseOf(flags);
  const mysql = mysqlSettings(flags, wiring);
  if (flags.drop) {
    await dropTarget(db, mysql);
    output.line('The table test_upload is dropped.');
    return EXIT.pass;
  }
  return withLifetime(flags.child === true, async (lifetime) => {
    const target = await startTarget({ host: flags.host, port: flags.port, db, mysql });
    if (flags.child) announce({ ready: 'target', at: target.url });
    else output.line(`Target on ${target.url}, rows go to ${target.database}. Ctrl-C ends it.`);
    return serveUntilEnd(lifetime, async () => {
      await target.stop();
      const { requests, uploadsFailed, rowsCommitted } = await target.served();
      const failed = uploadsFailed === 0 ? '' : `, ${uploadsFailed} uploads failed`;
      if (flags.child === true && flags.temporary === true) await removeDatabase(db, () => dropTarget(db, mysql));
      output.problem(`Target ended: ${requests} requests served, ${rowsCommitted} rows written${failed}.`);
    });
  });
}

/** The target does it itself, so that nothing is left also when the process that started it is gone. */
async function removeDatabase(db: string, dropTable: () => Promise<void>): Promise<void> {
  await dropTable();
  if (!isDatabaseUrl(db)) await rm(dirname(db), { recursive: true, force: true });
}

interface ChosenDatabase {
  /** A path, or a URL in its strict form, with everything that it takes from the environment and without options. */
  readonly db: string;
  readonly transport: MysqlSettings['transport'];
  readonly guard: MysqlSettings['guard'];
}

async function databaseOf(flags: TargetFlags): Promise<ChosenDatabase> {
  const tls = mysqlTls(flags);
  if (!isDatabaseUrl(flags.db)) return { db: flags.db, transport: {}, guard: () => {} };
  const { mysqlTransport } = await import('../../mysql/connection-options.ts');
  const { guardPool } = await import('../../mysql/open-connection.ts');
  try {
    const url = parseDatabaseUrl(flags.db, processLookup(process.cwd()));
    const address = mysqlAddress(url, process.cwd());
    if (tls !== undefined && [...url.options.keys()].some((option) => option.startsWith('ssl-'))) {
      throw new CommandError('its options ssl-… and the flags --db-tls… say twice how to encrypt: leave one out');
    }
    const db = formatDatabaseUrl({ ...url, options: new Map() });
    const transport = mysqlTransport(tls === undefined ? address : { ...address, tls }, CONNECT_TIMEOUT_MS);
    return { db, transport, guard: guardPool };
  } catch (error) {
    throw new CommandError(`--db: ${errorMessage(error)}.`, EXIT.invalidInput, { cause: error });
  }
}

function mysqlSettings(flags: TargetFlags, wiring: Omit<ChosenDatabase, 'db'>): MysqlSettings {
  const { poolSize, poolOverflow, poolCheckAfter, echoSql } = flags;
  if (poolSize + poolOverflow === 0) {
    throw new CommandError('--pool-size and --pool-overflow are both 0: give one of them a number.', EXIT.invalidInput);
  }
  return { poolSize, poolOverflow, poolCheckAfterMs: poolCheckAfter, echoSql: echoSql === true, ...wiring };
}

function mysqlTls({ dbTls, dbTlsCa, dbTlsCert, dbTlsKey, dbTlsInsecure }: TargetFlags): MysqlTls | undefined {
  if ((dbTlsCert === undefined) !== (dbTlsKey === undefined)) {
    throw new CommandError('--db-tls-cert and --db-tls-key belong together: give both.', EXIT.invalidInput);
  }
  const file = (option: string, path: string | undefined) =>
    path === undefined ? undefined : { option, path: resolve(path) };
  const isAsked = dbTls || dbTlsInsecure || dbTlsCa !== undefined || dbTlsCert !== undefined;
  if (!isAsked) return undefined;
  return {
    ca: file('--db-tls-ca', dbTlsCa),
    cert: file('--db-tls-cert', dbTlsCert),
    key: file('--db-tls-key', dbTlsKey),
    verify: dbTlsInsecure ? 'none' : 'identity',
  };
}

/** @returns milliseconds */
function idleTimeMs(text: string): number {
  const us = parseDurationUs(text);
  if (us !== undefined) return us / 1000;
  throw new InvalidArgumentError('It must be a duration with a unit, such as 0s, 500ms or 1m.');
}
