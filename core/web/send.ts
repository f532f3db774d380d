import { STATUS_CODES } from 'node:http';
import { printableDocument } from '../text/printable.ts';
import type { Lang } from '../verdict/messages/lang.ts';
import { spokenIn } from '../verdict/messages/spoken/spoken.ts';
import type { Route } from './api/routes.ts';
import { type ApiError, problemsIn } from './api-error.ts';
import type { Answer, WebResponse } from './exchange.ts';
import type { WebCaller } from './gate/access.ts';
import type { OpenStreams } from './stream/open-streams.ts';

interface Sending {
  readonly route: Route;
  readonly headers: Readonly<Record<string, string>>;
  readonly streams: OpenStreams;
  readonly caller: WebCaller;
  readonly signal: AbortSignal;
}

/** Answers of the API are not kept: each is of one moment, and for one reader. */
const NOT_KEPT = { 'cache-control': 'no-store' };

export function sendAnswer(
  response: WebResponse,
  answer: Answer,
  { route, headers, streams, caller, signal }: Sending,
): void {
  if (signal.aborted) return;
  if ('events' in answer) {
    const type = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' };
    response.writeHead(200, { ...headers, ...type, ...NOT_KEPT });
    const client = streams.open(response, caller);
    response.on('close', () => client.closed());
    answer.events(client);
    return;
  }
  if ('json' in answer) {
    const status = answer.status ?? route.status;
    if (route.answer === 'nothing') {
      response.writeHead(status, { ...headers, ...NOT_KEPT, ...answer.headers });
      response.end();
      return;
    }
    const own = { 'content-type': 'application/json; charset=utf-8', ...answer.headers };
    sendBody(response, status, { ...headers, ...NOT_KEPT, ...own }, printableDocument(JSON.stringify(answer.json)));
    return;
  }
  const own = { 'content-type': answer.type, ...answer.headers };
  sendBody(response, route.status, { ...headers, ...NOT_KEPT, ...own }, answer.content);
}

/** RFC 9457, whose title and type are for programs. @see https://www.rfc-editor.org/rfc/rfc9457 */
export function sendProblem(
  response: WebResponse,
  error: ApiError,
  lang: Lang,
  headers: Readonly<Record<string, string>>,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, message, problems } = error;
  const body = JSON.stringify({
    type: problems === undefined ? 'about:blank' : 'urn:bench:invalid-plan',
    title: STATUS_CODES[status] ?? '',
    status,
    detail: spokenIn(message, lang),
    ...(problems && { problems: problemsIn(problems, lang) }),
  });
  const own = { 'content-type': 'application/problem+json', 'content-language': lang, ...error.headers };
  sendBody(response, status, { ...headers, ...NOT_KEPT, ...own }, printableDocument(body));
}

/** A large one in pieces. */
export function sendBody(
  response: WebResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array | string,
): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  // Over HTTP/2 nothing would ever drain that is written to it, and the caller's turn would last until the reader counts as stalled.
  if (response.req.method === 'HEAD') response.end();
  else if (body.length <= PIECE) response.end(body);
  else void sendPieces(response, body);
}

/** Characters or bytes of a body that are in memory as they are sent; the body itself may be one for many readers. */
const PIECE = 64 * 1024;
/** A reader that takes nothing for this long is cut off. */
const STALLED_MS = 30_000;

/** Sends each piece when the one before has left: readers that take nothing cost no copies of what they have asked for. */
async function sendPieces(response: WebResponse, body: Uint8Array | string): Promise<void> {
  let isGone = false;
  let wake = () => {};
  response.on('drain', () => wake());
  response.on('close', () => {
    isGone = true;
    wake();
  });
  for (let at = 0; at < body.length && !isGone; ) {
    const end = endOfPiece(body, at + PIECE);
    const piece = typeof body === 'string' ? body.slice(at, end) : body.subarray(at, end);
    at = end;
    if (response.write(piece)) continue;
    const stalled = setTimeout(() => response.destroy(), STALLED_MS);
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (isGone) resolve();
    });
    clearTimeout(stalled);
  }
  if (!isGone) response.end();
}

/** No character is cut in half. */
function endOfPiece(body: Uint8Array | string, end: number): number {
  const last = typeof body === 'string' ? body.charCodeAt(end - 1) : 0;
  return last >= 0xd800 && last < 0xdc00 ? end + 1 : end;
}
