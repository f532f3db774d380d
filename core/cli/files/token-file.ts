import { chmod, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { errorMessage } from '../../error.ts';
import { makeFolder } from '../../make-folder.ts';
import { readRegularFile } from '../../regular-file.ts';
import { reasonOf } from '../../text/system-reason.ts';
import { isSticky, isTrustedOwner, othersCanWrite } from '../../trusted-owner.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { configFolder, fileNameOf } from './folders.ts';
import { newToken } from './new-token.ts';
import { reportPlace } from './report-path.ts';

const MAX_FILE_BYTES = 1000;
/** What can stand in a header, and is too long to guess when it was chosen at random. */
const TOKEN = /^[\x21-\x7e]{16,200}$/;
const READABLE_BY_ALL = 0o004;

/**
 * Where a control without TLS leaves its token for the commands of the same user. Hosts may share the user's folder, and
 * each has a loopback address of its own.
 * @param address `host:port` that control listens on
 */
function defaultTokenFile(address: string): string {
  return join(configFolder(), 'tokens', fileNameOf(hostname()), fileNameOf(address));
}

/** The token that a control has left for this user; undefined when there is none. */
export function leftToken(address: string): string | undefined {
  try {
    return tokenIn(readRegularFile(defaultTokenFile(address), MAX_FILE_BYTES));
  } catch {
    return undefined;
  }
}

/**
 * A token from a file that the user has named.
 * @throws {CommandError}
 */
export function namedToken(file: string): string {
  let content: Buffer;
  try {
    content = readRegularFile(file, MAX_FILE_BYTES);
  } catch (error) {
    throw new CommandError(`--token-file: ${file} cannot be read (${errorMessage(error)}).`, EXIT.invalidInput);
  }
  const token = tokenIn(content);
  if (token !== undefined) return token;
  throw new CommandError(
    `--token-file: ${file} does not contain a token: one line of 16 to 200 characters, without spaces.`,
    EXIT.invalidInput,
  );
}

/**
 * The token of a control without TLS, in the variable BENCH_CONTROL_TOKEN.
 * @throws {CommandError} when the variable holds anything else
 */
export function tokenOfEnvironment(): string | undefined {
  const token = process.env.BENCH_CONTROL_TOKEN?.trim() ?? '';
  if (token === '') return undefined;
  if (TOKEN.test(token)) return token;
  throw new CommandError(
    'BENCH_CONTROL_TOKEN is not a token: it must have 16 to 200 characters, without spaces.',
    EXIT.invalidInput,
  );
}

/**
 * The token that control is to have, from a file that the user has named; it is made when there is none.
 * @throws {CommandError} also when others know the token, or could put one of their own there
 */
export async function ownToken(file: string): Promise<string> {
  const place = await reportPlace(file).catch((error: unknown) => {
    throw refused(errorMessage(error));
  });
  await checkFolder(dirname(place.file));
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw refused(`${file} cannot be read (${reasonOf(error)})`);
  });
  if (found === undefined) {
    const token = newToken();
    await writeToken(file, token).catch((error: unknown) => {
      throw refused(`${file} cannot be written (${reasonOf(error)})`);
    });
    return token;
  }
  if (found.isDirectory()) throw refused(`${file} is a folder: name a file`);
  if (!isTrustedOwner(found)) {
    throw refused(
      `${file} belongs to another user, who can know the token, and so run code as you: remove it, and control makes its own, or name another file`,
    );
  }
  const others = othersCanWrite(found)
    ? `other users can write to ${file}`
    : (found.mode & READABLE_BY_ALL) === 0
      ? undefined
      : `every user of this host can read ${file}`;
  if (others !== undefined) throw refused(`${others}, and so run code as you: make it private with \`chmod 600\``);
  return namedToken(file);
}

/** Whoever can replace the file decides what the token is at the next start. One that does not exist is told later. */
async function checkFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) return;
  if (!isTrustedOwner(found)) {
    throw refused(
      `the folder ${folder} belongs to another user, who could put a token there, and so run code as you: name a file in a folder of your own`,
    );
  }
  if (othersCanWrite(found) && !isSticky(found)) {
    throw refused(
      `other users can write to the folder ${folder}, put a token there, and so run code as you: \`chmod go-w\` it, or name a file in another folder`,
    );
  }
}

function refused(why: string): CommandError {
  return new CommandError(`--token-file: ${why}.`, EXIT.invalidInput);
}

/**
 * Leaves control's token where the commands of the same user find it.
 * @returns removes it again; when another control has left one there since, that one stays
 * @throws {CommandError}
 */
export async function leaveToken(address: string, token: string): Promise<() => Promise<void>> {
  const file = defaultTokenFile(address);
  try {
    await makeFolder(dirname(file), 0o700);
    // The folders may have been made by hand, with the rights of every other folder.
    await chmod(dirname(file), 0o700);
    await writeToken(file, token);
  } catch (error) {
    throw new CommandError(
      `The token for control's callers cannot be written to ${file} (${reasonOf(error)}): give another file with --token-file.`,
    );
  }
  return async () => {
    if (leftToken(address) === token) await rm(file, { force: true });
  };
}

/** Never into a file that is there: it may be a link, or have more readers. */
async function writeToken(file: string, token: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await rm(temporary, { force: true });
  await writeFile(temporary, `${token}\n`, { mode: 0o600, flag: 'wx' });
  await rename(temporary, file);
}

function tokenIn(content: Buffer): string | undefined {
  const token = content.toString('utf8').trim();
  return TOKEN.test(token) ? token : undefined;
}
