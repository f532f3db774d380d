import { parseAddress, type TargetAddress, targetAddress } from '../net/target-address.ts';

const PORT = '19530';
/** A host, alone or behind a scheme, and a port. */
const HAS_PORT = /^(?:https?:\/\/)?(?:[^/?#]*@)?(?:\[[^\]]*\]|[^/?#:]*):\d/;

/**
 * @param address a URL, or a host and a port
 * @param secure whether one without a scheme is reached with TLS
 * @returns what is wrong with it, as a clause that follows it, where it is none
 */
export function parsedAddress(address: string, secure: boolean): TargetAddress | string {
  const url = /^https?:/.test(address) ? address : `${secure ? 'https' : 'http'}://${address}`;
  const { username = '', password = '' } = URL.parse(url) ?? {};
  if (username !== '' || password !== '') {
    return 'contains a user name: give it as token, user:password, instead';
  }
  return parseAddress(withPort(url, address), 'baseUrl');
}

/** @param target the plan's. @throws {PluginError} when it is empty or not an http or https URL */
export function parsedTarget(target: string, driver: string): TargetAddress {
  return targetAddress(withPort(target, target), driver);
}

/**
 * Where none is written, the port is that of Milvus, and 443 behind `https://`: as its own clients have it.
 * @param written what the plan has; a URL does not keep the port that is usual for its scheme
 */
function withPort(url: string, written: string): string {
  if (!URL.canParse(url) || HAS_PORT.test(written) || /^https:/.test(written)) return url;
  const parsed = new URL(url);
  parsed.port = PORT;
  return parsed.href;
}
