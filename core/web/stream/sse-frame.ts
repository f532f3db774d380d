import { printableDocument } from '../../text/printable.ts';

/**
 * One server-sent event, as it is sent.
 * @param id that a client names when it comes back; none where it cannot go on from here
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function eventFrame(event: string, data: unknown, id?: string): Buffer {
  // JSON has no line breaks of its own, so the data is one line.
  return Buffer.from(
    `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${printableDocument(JSON.stringify(data))}\n\n`,
  );
}

/** Keeps proxies from closing a connection on which nothing happens. */
export const COMMENT = Buffer.from(':\n\n');
/** Begins each stream: how many milliseconds a browser waits before it comes back. */
export const RETRY = Buffer.from('retry: 2000\n\n');
