import type { TargetAddress } from '../net/target-address.ts';
import type { ConnectionSettings } from './settings.ts';

/** The start of a request's head. The caller appends its own header lines; each line here has its line end. */
export function requestHead(
  method: string,
  path: string,
  address: TargetAddress,
  { connections }: ConnectionSettings,
): string {
  const close = connections === 'per-request' ? 'Connection: close\r\n' : '';
  return `${method} ${address.basePath}${path} HTTP/1.1\r\nHost: ${address.authority}\r\nUser-Agent: bench\r\n${close}`;
}
