import { isIP } from 'node:net';
import { PluginError } from '../../core/plugin.ts';

/** Which part of a plan has a URL, as a person calls it. */
export type UrlSource = 'target' | 'baseUrl' | 'path' | 'proxy';

/** Where requests go, according to a URL of the plan. */
export interface TargetAddress {
  /** The URL as written, without a slash at its end, for messages. */
  readonly url: string;
  readonly source: UrlSource;
  readonly secure: boolean;
  /** Name or IP address; IPv6 without brackets. */
  readonly host: string;
  readonly isIp: boolean;
  readonly port: number;
  /** Value of the Host header: includes the port unless it is the scheme's default. */
  readonly authority: string;
  /** Prefix of each operation's path: empty, or `/…` without a slash at its end. */
  readonly basePath: string;
}

/** @returns what is wrong with the URL, as a clause that follows it, when it is none that requests can go to */
export function parseAddress(url: string, source: UrlSource): TargetAddress | string {
  if (!URL.canParse(url)) return 'is not a URL: write it like http://127.0.0.1:5002';
  const { protocol, hostname, port, host, pathname, username, password, search, hash } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return 'must begin with http:// or https://';
  if (username !== '' || password !== '') {
    return "contains a user name or password: send it in the operation's Authorization header instead";
  }
  if (search !== '') {
    return 'contains a query, which would be lost: write it in the path of each operation instead';
  }
  if (hash !== '') return 'contains a fragment (#…), which is never sent: remove it';
  const secure = protocol === 'https:';
  const plainHost = hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    url: url.replace(/(?<!\/)\/+$/, ''),
    source,
    secure,
    host: plainHost,
    isIp: isIP(plainHost) !== 0,
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    authority: host,
    basePath: pathname.replace(/(?<!\/)\/+$/, ''),
  };
}

/**
 * @param target the plan's target, such as `http://127.0.0.1:5002`
 * @param driver name of the driver, for the message
 * @throws {PluginError} when it is empty or not an http or https URL
 */
export function targetAddress(target: string, driver: string): TargetAddress {
  if (target === '') {
    throw new PluginError(`driver "${driver}" needs a target: set it in the plan, or use --host http://127.0.0.1:5002`);
  }
  const address = parseAddress(target, 'target');
  if (typeof address === 'string') throw new PluginError(`target ${withoutSecrets(target)} ${address}`);
  return address;
}

/** A query, a user name or a password may be a secret. */
function withoutSecrets(url: string): string {
  if (!URL.canParse(url)) return `"${url}"`;
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
