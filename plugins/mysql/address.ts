import { resolve } from 'node:path';
import { z } from 'zod';
import { errorMessage } from '../../core/error.ts';
import {
  type MysqlAddress,
  type MysqlTls,
  mysqlAddress,
  type TlsFile,
  unknownOption,
} from '../../core/mysql/address.ts';
import { object } from '../../core/plan/fields.ts';
import { authorsPath, planPath } from '../../core/plan-files.ts';
import { PluginError } from '../../core/plugin.ts';
import {
  hidesOptions,
  holdsPassword,
  isDatabaseUrl,
  PASSWORD_IN_PLAN,
  parseDatabaseUrl,
} from '../../core/secrets/database-url.ts';

/** A MySQL URL as it may stand in a plan: without a password of its own. */
export const urlSchema = z
  .string()
  .min(1)
  .refine((url) => !holdsPassword(url), { error: PASSWORD_IN_PLAN })
  .superRefine((url, context) => {
    for (const name of optionsOf(url).keys()) {
      const message = unknownOption(name);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    }
  });

/** The files that the encryption of connections needs, as a URL and the option `tls` name them. */
export function tlsFiles(url: string, tls: TlsOptions | undefined): string[] {
  const named = optionsOf(url);
  const files = [tls?.ca, tls?.cert, tls?.key, ...['ssl-ca', 'ssl-cert', 'ssl-key'].map((name) => named.get(name))];
  return files.filter((file) => file !== undefined);
}

/** The socket file that a URL names, for `hostFiles` of plugins; the URL itself where references could name some. */
export function hostFilesIn(url: string): string[] {
  if (hidesOptions(url)) return [url];
  const socket = optionsOf(url).get('socket');
  return socket === undefined ? [] : [resolve(socket)];
}

/** The options that a URL of a plan names itself; none where the whole URL is a reference, or is not a URL. */
function optionsOf(url: string): ReadonlyMap<string, string> {
  if (!isDatabaseUrl(url)) return new Map();
  try {
    return parseDatabaseUrl(url, ({ text }) => text).options;
  } catch {
    return new Map();
  }
}

const file = z.string().min(1);

export const tlsSchema = object({
  ca: file.optional().describe('PEM file of the authorities to trust, instead of the usual ones.'),
  cert: file.optional().describe("PEM file of the client's certificate."),
  key: file.optional().describe("PEM file of the client's private key."),
  insecure: z.boolean().default(false).describe('Accept any certificate: encrypted, but anybody may be the server.'),
}).refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
  error: 'a client certificate needs both: give cert and key',
});
export type TlsOptions = z.output<typeof tlsSchema>;

export interface AddressOptions {
  readonly url: string;
  /** What the URL is called in messages, such as `target`. */
  readonly name: string;
  readonly tls?: TlsOptions | undefined;
  /** Folder that the files of TLS are relative to. */
  readonly baseDirectory: string;
}

/** @throws {PluginError} a sentence without the password */
export function addressOf({ url, name, tls, baseDirectory }: AddressOptions): MysqlAddress {
  try {
    const parsed = parseDatabaseUrl(url);
    const address = mysqlAddress(parsed, baseDirectory);
    if (tls === undefined) return address.tls ? { ...address, tls: located(address.tls, baseDirectory) } : address;
    const contradiction = [...parsed.options.keys()].find((option) => option.startsWith('ssl-'));
    if (contradiction !== undefined) {
      throw new PluginError(`its ${contradiction} and the option tls say twice how to encrypt: leave one of them out`);
    }
    return { ...address, tls: located(mysqlTls(tls, baseDirectory), baseDirectory) };
  } catch (error) {
    throw new PluginError(`${name}: ${errorMessage(error)}`, { cause: error });
  }
}

/** What is wrong with a URL that holds no references, in words that never hold the password. */
export function urlProblem(url: string): string | undefined {
  try {
    mysqlAddress(parseDatabaseUrl(url), '.');
    return undefined;
  } catch (error) {
    return errorMessage(error);
  }
}

/** Has the files where they lie in this process, with the names that the plan's author knows. */
function located(tls: MysqlTls, baseDirectory: string): MysqlTls {
  const place = (file: TlsFile | undefined) =>
    file && { ...file, path: planPath(baseDirectory, file.path), name: authorsPath(file.path) };
  return { ...tls, ca: place(tls.ca), cert: place(tls.cert), key: place(tls.key) };
}

function mysqlTls({ insecure, ...files }: TlsOptions, baseDirectory: string): MysqlTls {
  const named = (option: 'ca' | 'cert' | 'key') => {
    const path = files[option];
    return path === undefined ? undefined : { option: `tls.${option}`, path: resolve(baseDirectory, path) };
  };
  return { ca: named('ca'), cert: named('cert'), key: named('key'), verify: insecure ? 'none' : 'identity' };
}
