import { isIP } from 'node:net';
import { PluginError } from '../../core/plugin.ts';

/** Where a target is, according to its URL. */
export interface TargetAddress {
  /** The URL as written, without a slash at its end, for messages. */
  readonly url: string;
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

/**
 * @param target the plan's target, such as `http://127.0.0.1:5002`
 * @param driver name of the driver, for the message
 * @throws {PluginError} when it is empty or not an http or https URL
 */
export function targetAddress(target: string, driver: string): TargetAddress {
  if (target === '') {
    throw new PluginError(`driver "${driver}" needs a target: set it in the plan, or use --host http://127.0.0.1:5002`);
  }
  if (!URL.canParse(target))
    throw new PluginError(`target "${target}" is not a URL: write it like http://127.0.0.1:5002`);
  const { protocol, hostname, port, host, pathname, username, password, search, hash } = new URL(target);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new PluginError(`driver "${driver}" cannot reach target "${target}": it must begin with http:// or https://`);
  }
  const shown = `${protocol}//${host}${pathname}`;
  if (username !== '' || password !== '') {
    throw new PluginError(
      `target ${shown} contains a user name or password: send it in the operation's Authorization header instead`,
    );
  }
  if (search !== '') {
    throw new PluginError(
      `target ${shown} contains a query, which would be lost: write it in the path of each operation instead`,
    );
  }
  if (hash !== '') throw new PluginError(`target ${shown} contains a fragment (#…), which is never sent: remove it`);
  const secure = protocol === 'https:';
  const plainHost = hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    url: target.replace(/\/+$/, ''),
    secure,
    host: plainHost,
    isIp: isIP(plainHost) !== 0,
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    authority: host,
    basePath: pathname.replace(/\/+$/, ''),
  };
}
