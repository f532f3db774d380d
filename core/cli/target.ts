import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { announce } from './child.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { childFlag, flag, portNumber } from './flags.ts';
import { serveUntilEnd, withLifetime } from './lifetime.ts';
import type { Output } from './output.ts';

interface TargetFlags {
  readonly host: string;
  readonly port: number;
  readonly db: string;
  readonly drop?: boolean;
  readonly child?: boolean;
  readonly temporary?: boolean;
}

export function addTarget(command: Command, run: (flags: TargetFlags) => Promise<void>): void {
  command
    .description('start the reference system under test: an upload endpoint in front of a database')
    .addOption(flag('--host <address>', 'address to listen on').default('127.0.0.1'))
    .addOption(flag('-p, --port <number>', 'port to listen on; 0 takes a free one').default(5002).argParser(portNumber))
    .addOption(flag('--db <file>', 'SQLite file; made when it is not there').default('bench-target.sqlite'))
    .addOption(flag('--drop', 'drop the table test_upload and end'))
    .addOption(childFlag())
    .addOption(new Option('--temporary').hideHelp())
    .addHelpText(
      'after',
      `
Examples:
  bench target                                   on http://127.0.0.1:5002, rows go to ./bench-target.sqlite
  bench target --port 0 --db /tmp/devices.sqlite
  bench target --db /tmp/devices.sqlite --drop   leave nothing behind`,
    )
    .action(run);
}

export async function runTarget(flags: TargetFlags, output: Output): Promise<ExitCode> {
  const { dropTarget, startTarget } = await import('../../target/index.ts');
  if (flags.drop) {
    await dropTarget(flags.db);
    output.line('The table test_upload is dropped.');
    return EXIT.pass;
  }
  return withLifetime(flags.child === true, async (lifetime) => {
    const target = await startTarget({ host: flags.host, port: flags.port, db: flags.db });
    if (flags.child) announce({ ready: 'target', at: target.url });
    else output.line(`Target on ${target.url}, rows go to ${target.database}. Ctrl-C ends it.`);
    return serveUntilEnd(lifetime, async () => {
      await target.stop();
      const { requests, uploadsFailed, rowsCommitted } = target.served();
      const failed = uploadsFailed === 0 ? '' : `, ${uploadsFailed} uploads failed`;
      if (flags.child && flags.temporary) await removeDatabase(flags.db, dropTarget);
      output.problem(`Target ended: ${requests} requests served, ${rowsCommitted} rows written${failed}.`);
    });
  });
}

/** The target does it itself, so that nothing is left also when the process that started it is gone. */
async function removeDatabase(db: string, dropTarget: (db: string) => Promise<void>): Promise<void> {
  await dropTarget(db);
  await rm(dirname(db), { recursive: true, force: true });
}
