import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorMessage } from '../../error.ts';
import { makeTemporaryFolder } from '../../make-folder.ts';
import { openConnection } from '../../mysql/open-connection.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { freePort } from './free-port.ts';

export interface PrivateMariadbOptions {
  /** Additional arguments for the server, such as `--max-connections=20`. */
  readonly arguments?: readonly string[];
  /** An empty folder for all its files; default: a new temporary one. */
  readonly folder?: string;
  /** Aborted to give up the start. */
  readonly signal?: AbortSignal;
}

const DATABASE = 'bench';
const SET_UP_WITHIN_MS = 60_000;
const READY_WITHIN_MS = 30_000;
const READY_POLL_MS = 50;
const GIVEN_UP = 'was stopped before it was ready';
/** Folders with servers that are not in the PATH of ordinary users, on Debian and others. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/libexec', '/usr/local/mysql/bin'];
/**
 * Runs `$before`, then the server as its child. When its stdin ends, which also happens when the process that started it
 * is killed, it kills the server and removes the folder, unless it has read the word `keep`.
 */
const WATCHDOG = `
folder=$1 before=$2; shift 2
(
  cd "$folder" || exit
  exec 2>>server.log
  eval "$before" >&2 || exit
  echo begun
  exec "$@" >/dev/null
) </dev/null &
server=$!
echo "$server"
exec >/dev/null
read -r word
kill -KILL "$server" 2>/dev/null
# What the set-up has started. The kill of dash takes no -- before it.
trap : TERM
kill -TERM -$$
wait "$server" 2>/dev/null
[ "$word" = keep ] || rm -rf -- "$folder" || { sleep 1; rm -rf -- "$folder"; }
`;

interface MariadbPrograms {
  readonly server: string;
  readonly installer: string;
}

/** The programs of a MariaDB server, if it is installed. A MySQL server does not do, because it sets up its data folder differently. */
export function findMariadb(): MariadbPrograms | undefined {
  const server = findProgram('mariadbd');
  const installer = findProgram('mariadb-install-db');
  return server === undefined || installer === undefined ? undefined : { server, installer };
}

/** A MariaDB server with its own data folder, socket and port, of which nothing is left at the end. */
export class PrivateMariadb {
  readonly port: number;
  /** URL, with its password, of a user who may do anything in the database `bench`. */
  readonly url: string;
  /** URL, with its password, of a user who may do anything. */
  readonly adminUrl: string;
  readonly folder: string;
  readonly #command: readonly string[];
  #watchdog: ChildProcess | undefined;
  #pid = 0;

  /** @throws {CommandError} when MariaDB is not installed, does not start, or its start is given up */
  static async start(options: PrivateMariadbOptions = {}): Promise<PrivateMariadb> {
    const programs = findMariadb();
    if (programs === undefined) {
      throw new CommandError(
        'There is no MariaDB server on this machine: install it (on Debian or Ubuntu: apt-get install mariadb-server).',
      );
    }
    const folder = options.folder ?? (await makeTemporaryFolder('bench-mariadb-'));
    try {
      const user = process.getuid?.() === 0 ? ['--user=root'] : [];
      // A server that starts removes all temporary tables in this folder, so it must not share the folder with another server.
      const temporary = join(folder, 'temporary');
      await mkdir(temporary);
      const more = options.arguments ?? [];
      const port = await freePort();
      const [password, adminPassword] = [secret(), secret()];
      await writeFile(join(folder, 'init.sql'), initialSql(password, adminPassword), { mode: 0o600 });
      const server = new PrivateMariadb(
        folder,
        port,
        [password, adminPassword],
        [
          ...[programs.server, '--no-defaults', ...user, `--datadir=${join(folder, 'data')}`, `--tmpdir=${temporary}`],
          ...[`--socket=${join(folder, 'socket')}`, `--port=${port}`, '--bind-address=127.0.0.1'],
          ...['--skip-name-resolve', `--pid-file=${join(folder, 'pid')}`, '--skip-log-bin', ...more],
        ],
      );
      const setUp = setUpCommand([programs.installer, '--no-defaults', ...user], temporary, more);
      await server.#launch(setUp, [`--init-file=${join(folder, 'init.sql')}`], options.signal);
      await rm(join(folder, 'init.sql'));
      return server;
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      if (error instanceof CommandError) throw error;
      throw new CommandError(`A private MariaDB cannot be set up: ${errorMessage(error)}`);
    }
  }

  private constructor(folder: string, port: number, passwords: readonly [string, string], command: readonly string[]) {
    this.folder = folder;
    this.port = port;
    this.url = `mysql://bench:${passwords[0]}@127.0.0.1:${port}/${DATABASE}`;
    this.adminUrl = `mysql://admin:${passwords[1]}@127.0.0.1:${port}/${DATABASE}`;
    this.#command = command;
  }

  get pid(): number {
    return this.#pid;
  }

  /** Kills the server as a power cut would, and keeps its data. */
  async kill(): Promise<void> {
    await this.#end('keep\n');
  }

  /** Starts it again after {@link kill}, on the same port with the same data. */
  async restart(): Promise<void> {
    await this.#launch(':', []);
  }

  /** Stops it and removes all its files. */
  async stop(): Promise<void> {
    await this.#end('');
    await rm(this.folder, { recursive: true, force: true });
  }

  /** @param before a shell command to run first, in the folder */
  async #launch(before: string, more: readonly string[], signal?: AbortSignal): Promise<void> {
    // The server gets a session of its own, so that Ctrl-C in the terminal reaches only the command, which aborts the signal.
    const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, 'sh', this.folder, before, ...this.#command, ...more], {
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#watchdog = watchdog;
    watchdog.stdin.on('error', () => {});
    watchdog.unref();
    let why = 'cannot be set up';
    const giveUp = (because: string) => {
      why = because;
      watchdog.stdin.end();
    };
    const timer = setTimeout(giveUp, SET_UP_WITHIN_MS, `was not set up within ${SET_UP_WITHIN_MS / 1000} s`);
    const stop = () => giveUp(GIVEN_UP);
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    const said = (await text(watchdog.stdout)).split('\n');
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    this.#pid = Number(said.find((line) => line !== 'begun'));
    if (!said.includes('begun')) await this.#fail(why, /error|cannot|can't|fail/i);
    await this.#untilReady(signal);
  }

  async #untilReady(signal: AbortSignal | undefined): Promise<void> {
    const endMs = performance.now() + READY_WITHIN_MS;
    for (;;) {
      try {
        const connection = await openConnection({ uri: this.url, connectTimeout: 2000 });
        await connection.end();
        return;
      } catch {
        if (signal?.aborted) await this.#fail(GIVEN_UP, /\[ERROR\]/);
        const hasEnded = !isAlive(this.#pid);
        if (!hasEnded && performance.now() < endMs) {
          await sleep(READY_POLL_MS);
          continue;
        }
        await this.#fail(
          hasEnded ? 'ended right after its start' : `was not ready within ${READY_WITHIN_MS / 1000} s`,
          /\[ERROR\]/,
        );
      }
    }
  }

  async #fail(how: string, telling: RegExp): Promise<never> {
    const log = await readFile(join(this.folder, 'server.log'), 'utf8').catch(() => '');
    const words = log.split('\n').filter((line) => telling.test(line));
    await this.#end('');
    const told = words.length === 0 ? '.' : `: ${words.slice(0, 2).join(' ')}`;
    throw new CommandError(`The private MariaDB ${how}${told}`, how === GIVEN_UP ? EXIT.aborted : EXIT.error);
  }

  async #end(word: string): Promise<void> {
    const watchdog = this.#watchdog;
    this.#watchdog = undefined;
    if (watchdog === undefined || watchdog.exitCode !== null) return;
    const gone = new Promise((resolve) => watchdog.once('exit', resolve));
    watchdog.ref();
    watchdog.stdin?.end(word);
    await gone;
  }
}

function initialSql(password: string, adminPassword: string): string {
  return [
    `ALTER USER root@localhost IDENTIFIED BY '${adminPassword}';`,
    "DELETE FROM mysql.global_priv WHERE User = '';",
    'FLUSH PRIVILEGES;',
    `CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4;`,
    `CREATE USER bench@'%' IDENTIFIED BY '${password}';`,
    `GRANT ALL ON ${DATABASE}.* TO bench@'%';`,
    `CREATE USER admin@'%' IDENTIFIED BY '${adminPassword}';`,
    "GRANT ALL ON *.* TO admin@'%' WITH GRANT OPTION;",
    '',
  ].join('\n');
}

/**
 * Makes `data` in the working folder; without `./` the installer would make it in the server's own folder. The installer
 * splits its arguments at white space even when they are quoted. So it gets no path of the folder, and of the server's
 * arguments only those that decide how files are made.
 */
function setUpCommand(installer: readonly string[], temporary: string, serverArguments: readonly string[]): string {
  const command = [
    ...[...installer, '--datadir=./data', '--auth-root-authentication-method=normal', '--skip-test-db'],
    ...serverArguments.filter((argument) => argument.startsWith('--innodb-')),
  ];
  return `TMPDIR=${quoted(temporary)} ${command.map(quoted).join(' ')}`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function secret(): string {
  return randomBytes(18).toString('hex');
}

/** A server that has ended stays a zombie process until its watchdog waits for it. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    return (error as { code?: string }).code === 'ENOENT' && !existsSync('/proc/self');
  }
}

function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SERVER_FOLDERS];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
