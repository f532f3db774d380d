import type { Route } from '../../net/socket.ts';
import type { Connection } from './connection.ts';
import { Http1Connection } from './http1-connection.ts';
import { Http2Connection } from './http2-connection.ts';
import type { HttpOrigin } from './origin.ts';

/** A connection, not opened yet. @param nextRoute called each time it connects */
export function newConnection(origin: HttpOrigin, nextRoute: () => Route): Connection {
  return new (origin.settings.http2 ? Http2Connection : Http1Connection)(origin, nextRoute);
}
