import type { Route } from '../../net/socket.ts';
import type { Connection } from './connection.ts';
import { Http1Connection, ProxiedHttp1Connection } from './http1-connection.ts';
import { Http2Connection } from './http2-connection.ts';
import type { HttpOrigin } from './origin.ts';

/** A connection, not opened yet. @param nextRoute called each time it connects */
export function newConnection(origin: HttpOrigin, nextRoute: () => Route): Connection {
  if (origin.settings.http2) return new Http2Connection(origin, nextRoute);
  const isForwarded = origin.settings.proxy !== undefined && origin.tunnelTo === undefined;
  return new (isForwarded ? ProxiedHttp1Connection : Http1Connection)(origin, nextRoute);
}
