import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Lang } from '../verdict/messages/lang.ts';
import type { WebCaller } from './gate/access.ts';
import type { EventClient } from './stream/event-client.ts';

/** The part of a request that this server reads, over HTTP/1.1 and HTTP/2 alike. */
export interface WebRequest extends AsyncIterable<unknown> {
  readonly method?: string | undefined;
  url?: string | undefined;
  readonly httpVersionMajor: number;
  readonly headers: IncomingHttpHeaders;
  readonly socket: {
    readonly remoteAddress?: string | undefined;
    readonly remotePort?: number | undefined;
    readonly destroyed: boolean;
  };
  /** Cuts it off, with its answer. */
  destroy(): unknown;
}

/** The part of a response that this server writes, over HTTP/1.1 and HTTP/2 alike. */
export interface WebResponse {
  readonly req: Pick<WebRequest, 'method'>;
  readonly headersSent: boolean;
  readonly writableLength: number;
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown;
  write(bytes: Uint8Array | string): boolean;
  end(bytes?: Uint8Array | string): unknown;
  destroy(): unknown;
  on(event: 'close' | 'drain' | 'error', listener: () => void): unknown;
}

/** A request to a route, after all checks. */
export interface Asked<Query = unknown, Body = unknown> {
  /** The parts of the path that have names. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly caller: WebCaller;
  readonly headers: IncomingHttpHeaders;
  /** {@link languageOf} the request. */
  readonly lang: Lang;
  /** The address of the peer, without a port. */
  readonly address: string;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

/** What a handler answers. */
export type Answer =
  | { readonly json: unknown; readonly status?: number; readonly headers?: Readonly<Record<string, string>> }
  | {
      readonly content: Uint8Array | string;
      readonly type: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Called once the head of a stream of events has been sent. */
  | { readonly events: (client: EventClient) => void };

/** The language of what people read in an answer: the `lang` of the query, else what Accept-Language prefers, else English. */
export function languageOf({ url = '/', headers }: Pick<WebRequest, 'url' | 'headers'>): Lang {
  const at = url.indexOf('?');
  const given = at < 0 ? null : new URLSearchParams(url.slice(at)).get('lang');
  const wanted = (given ?? headers['accept-language'] ?? '').split(',').map((range) => {
    const [tag = '', quality = ''] = range.split(';').map((part) => part.trim());
    return { tag, share: Number(/^q=([\d.]+)$/i.exec(quality)?.[1] ?? 1) };
  });
  const [best] = wanted
    .filter(({ tag, share }) => share > 0 && /^(?:en|zh)\b/i.test(tag))
    .toSorted((a, b) => b.share - a.share);
  return /^zh/i.test(best?.tag ?? '') ? 'zh-CN' : 'en';
}
