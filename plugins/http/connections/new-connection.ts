import type { Connection } from './connection.ts';
import { Http1Connection } from './http1-connection.ts';
import { Http2Connection } from './http2-connection.ts';
import type { HttpOrigin } from './origin.ts';

/** A connection, not opened yet. @param ip one of the origin's addresses */
export function newConnection(origin: HttpOrigin, ip: string): Connection {
  return new (origin.settings.http2 ? Http2Connection : Http1Connection)(origin, ip);
}
