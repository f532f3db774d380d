import { once } from 'node:events';
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { text } from 'node:stream/consumers';
import type { SocketTls } from '../net/socket.ts';
import type { TargetAddress } from '../net/target-address.ts';

/**
 * One GET outside the load, over a connection of its own, as the load connects.
 * @param path goes after the target's own
 * @throws what the socket or TLS failed with, or the signal's reason
 */
export async function getText(
  address: TargetAddress,
  path: string,
  tls: SocketTls | undefined,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string }> {
  const options = {
    ...{ host: address.host, port: address.port, path: `${address.basePath}${path}`, agent: false, signal },
    ...(tls && { secureContext: tls.context, servername: tls.serverName, rejectUnauthorized: !tls.insecure }),
  };
  const request = (address.secure ? requestSecure : requestPlain)(options);
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, text: await text(response) };
}
