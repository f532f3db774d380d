import type { TargetAddress } from '../net/target-address.ts';

/** The start of a request's head. The caller appends its own header lines; each line here has its line end. */
export function requestHead(
  method: string,
  path: string,
  address: TargetAddress,
  connectionPerRequest: boolean,
): string {
  const connection = connectionPerRequest ? 'Connection: close\r\n' : '';
  return `${method} ${address.basePath}${path} HTTP/1.1\r\nHost: ${address.authority}\r\nUser-Agent: bench\r\n${connection}`;
}
