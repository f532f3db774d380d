import type { TargetAddress } from '../net/target-address.ts';

/** The head of a request up to where its own headers go, each line with its end. */
export function requestHead(
  method: string,
  path: string,
  address: TargetAddress,
  connectionPerRequest: boolean,
): string {
  const connection = connectionPerRequest ? 'Connection: close\r\n' : '';
  return `${method} ${address.basePath}${path} HTTP/1.1\r\nHost: ${address.authority}\r\nUser-Agent: bench\r\n${connection}`;
}
