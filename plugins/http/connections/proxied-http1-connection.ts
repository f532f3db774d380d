import type { RequestShape } from '../exchange.ts';
import { Http1Connection } from './http1-connection.ts';

/** HTTP/1.1 through a proxy without a tunnel: requests name the whole URL (absolute-form: RFC 9112, 3.2.2). */
export class ProxiedHttp1Connection extends Http1Connection {
  protected override prepare(request: string | Buffer, shape: RequestShape): void {
    super.prepare(absoluteForm(request, this.origin.address.authority), shape);
  }
}

/** @param request with a path as its target */
function absoluteForm(request: string | Buffer, authority: string): string | Buffer {
  // The target begins after the first space.
  const start = request.indexOf(' ') + 1;
  const prefix = `http://${authority}`;
  if (typeof request === 'string') return `${request.slice(0, start)}${prefix}${request.slice(start)}`;
  return Buffer.concat([request.subarray(0, start), Buffer.from(prefix, 'latin1'), request.subarray(start)]);
}
