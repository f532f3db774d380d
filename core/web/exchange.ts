import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { WebCaller } from './gate/access.ts';
import type { EventClient } from './stream/event-client.ts';

/** The part of a request that this server reads, over HTTP/1.1 and HTTP/2 alike. */
export interface WebRequest extends AsyncIterable<unknown> {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** The part of a response that this server writes, over HTTP/1.1 and HTTP/2 alike. */
export interface WebResponse {
  readonly headersSent: boolean;
  readonly writableLength: number;
  readonly destroyed: boolean;
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown;
  write(bytes: Uint8Array | string): boolean;
  end(bytes?: Uint8Array | string): unknown;
  destroy(): unknown;
  on(event: 'close' | 'error' | 'drain', listener: () => void): unknown;
  once(event: 'close' | 'drain', listener: () => void): unknown;
}

/** A request to a route, after all checks. */
export interface Asked<Query = unknown, Body = unknown> {
  /** The parts of the path that have names. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly caller: WebCaller;
  readonly headers: IncomingHttpHeaders;
  /** Of the peer, without a port. */
  readonly address: string;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

/** What a handler answers. */
export type Answer =
  | { readonly json: unknown; readonly status?: number; readonly headers?: Readonly<Record<string, string>> }
  | {
      readonly pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array | string>;
      readonly type: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Called once the head of a stream of events has been sent. */
  | { readonly events: (client: EventClient) => void };
