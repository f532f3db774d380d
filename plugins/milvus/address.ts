import { parseAddress, type TargetAddress } from '../net/target-address.ts';

/**
 * @param address a URL, or a host and a port
 * @param secure whether one without a scheme is reached with TLS
 * @returns what is wrong with it, as a clause that follows it, where it is none
 */
export function parsedAddress(address: string, secure: boolean): TargetAddress | string {
  const url = /^https?:/.test(address) ? address : `${secure ? 'https' : 'http'}://${address}`;
  if (URL.canParse(url) && new URL(url).username !== '') {
    return 'contains a user name: give it as token, user:password, instead';
  }
  return parseAddress(url, 'baseUrl');
}
