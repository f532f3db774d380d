import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Test } from 'tap';

/** How often a server answered each kind of request with which status, such as `GET /orders/… 200`. */
export interface ShopCounts {
  readonly [what: string]: number;
}

export interface Shop {
  readonly url: string;
  readonly counts: ShopCounts;
}

const ITEMS_A_PAGE = 3;
const PAGES = 3;
/** An order is paid when it has been asked for this often. */
const POLLS_UNTIL_PAID = 3;
const PASSWORD = 'pass & word';

interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

interface Reply {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A shop as users of load tests have one. They sign in with JSON or a form and get a token, or by a page with its CSRF token
 * and cookies. They look through pages of items, order one, ask until the order is paid, upload a photo, and are sent
 * on by redirects of every kind. Whoever has no token or no cookie, or sends anything else than was asked for, is refused.
 */
export async function startShop(t: Pick<Test, 'teardown'>): Promise<Shop> {
  const counts: Record<string, number> = {};
  const shop = new ShopRoutes();
  const server = createServer(async (message, response) => {
    const parts: Buffer[] = [];
    for await (const part of message) parts.push(part as Buffer);
    const request: Request = {
      method: message.method ?? '',
      url: new URL(message.url ?? '/', 'http://shop'),
      headers: message.headers,
      body: Buffer.concat(parts),
    };
    const reply = await shop.answer(request);
    const path = request.url.pathname.replace(/^\/(orders|old)\/\d+$/, '/$1/…');
    const what = `${request.method} ${path} ${reply.status}`;
    counts[what] = (counts[what] ?? 0) + 1;
    send(reply, request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, counts };
}

/** Compresses for whoever asks for it: pages with br, the rest with gzip. */
function send({ status, body = '', headers = {} }: Reply, request: Request, response: ServerResponse): void {
  const asked = String(request.headers['accept-encoding'] ?? '');
  const isPage = headers['content-type'] === 'text/html';
  if (isPage && asked.includes('br')) {
    response.writeHead(status, { ...headers, 'content-encoding': 'br' }).end(brotliCompressSync(body));
  } else if (!isPage && body !== '' && asked.includes('gzip')) {
    response.writeHead(status, { ...headers, 'content-encoding': 'gzip' }).end(gzipSync(body));
  } else {
    response.writeHead(status, headers).end(body);
  }
}

class ShopRoutes {
  readonly #tokens = new Set<string>();
  readonly #sessions = new Set<string>();
  readonly #csrf = new Map<string, string>();
  readonly #orders = new Map<string, number>();

  async answer(request: Request): Promise<Reply> {
    const { method, url, headers } = request;
    const cookies = new Map((headers.cookie ?? '').split('; ').map((pair) => pair.split('=') as [string, string]));
    const where = `${method} ${url.pathname}`;
    if (where === 'POST /session') return this.#signIn(request.body.toString());
    if (where === 'GET /login') return this.#loginPage();
    if (where === 'POST /login') return this.#login(request.body.toString(), cookies.get('visit'));
    if (where === 'GET /account') {
      if (!this.#sessions.has(cookies.get('sid') ?? '')) return json(401, { error: 'no session' });
      return page('<h1>Your account</h1>');
    }
    if (where === 'POST /sign-in') return this.#signInByForm(request.body.toString());
    const token = (headers.authorization ?? '').replace(/^Bearer /, '') || cookies.get('token');
    if (token === undefined || !this.#tokens.has(token)) return json(401, { error: 'sign in' });
    if (where === 'GET /items') return items(Number(url.searchParams.get('page') ?? 1));
    if (where === 'POST /orders') return this.#order(request.body.toString());
    if (where === 'POST /photos') return photo(request);
    const redirect = /^\/old\/(30[12378])$/.exec(url.pathname)?.[1];
    if (redirect !== undefined) return { status: Number(redirect), headers: { location: '/new' } };
    if (url.pathname === '/new') return moved(request);
    return this.#state(/^\/orders\/(\d+)$/.exec(url.pathname)?.[1] ?? '');
  }

  #signIn(body: string): Reply {
    const { user } = JSON.parse(body) as { user: string };
    const token = `token-of-${user}-${this.#tokens.size}`;
    this.#tokens.add(token);
    return json(200, { data: { token } });
  }

  #signInByForm(body: string): Reply {
    const token = `token-of-${new URLSearchParams(body).get('user')}`;
    this.#tokens.add(token);
    return { status: 303, headers: { location: '/items', 'set-cookie': `token=${token}; Path=/; HttpOnly` } };
  }

  #loginPage(): Reply {
    const visit = `visit-${this.#csrf.size}`;
    const csrf = `csrf-${this.#csrf.size}`;
    this.#csrf.set(visit, csrf);
    return page(`<form method="post"><input type="hidden" name="csrf" value="${csrf}"></form>`, {
      'set-cookie': `visit=${visit}; Path=/login; HttpOnly`,
    });
  }

  #login(body: string, visit: string | undefined): Reply {
    const form = new URLSearchParams(body);
    if (visit === undefined || form.get('csrf') !== this.#csrf.get(visit)) return json(403, { error: 'csrf' });
    if (form.get('password') !== PASSWORD) return json(403, { error: 'password' });
    this.#csrf.set(visit, 'used');
    const sid = `sid-${this.#sessions.size}`;
    this.#sessions.add(sid);
    return { status: 303, headers: { location: '/account', 'set-cookie': `sid=${sid}; Path=/; HttpOnly` } };
  }

  #order(body: string): Reply {
    const { item } = JSON.parse(body) as { item: string };
    if (!/^[123]0[012]$/.test(String(item))) return json(422, { error: `no item ${item}` });
    const id = String(this.#orders.size + 1);
    this.#orders.set(id, 0);
    return json(201, {}, { location: `/orders/${id}` });
  }

  #state(id: string): Reply {
    const polls = this.#orders.get(id);
    if (polls === undefined) return json(404, { error: `no order ${id}` });
    this.#orders.set(id, polls + 1);
    return json(200, { state: polls + 1 >= POLLS_UNTIL_PAID ? 'paid' : 'open' });
  }
}

function items(pageNumber: number): Reply {
  const list = Array.from({ length: ITEMS_A_PAGE }, (_, i) => ({ id: pageNumber * 100 + i }));
  return json(200, { items: list, next: pageNumber < PAGES ? pageNumber + 1 : null });
}

/** Reads multipart with the platform's own reader. */
async function photo({ headers, body }: Request): Promise<Reply> {
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': String(headers['content-type']) },
  })
    .formData()
    .catch(() => undefined);
  const file = form?.get('photo');
  if (form?.get('title') !== 'my photo' || !(file instanceof File)) return json(400, { error: 'not the photo' });
  const isRight = file.name === 'photo.txt' && file.type === 'text/plain' && (await file.text()) === 'black & white';
  return isRight ? json(201, {}) : json(400, { error: `a file ${file.name} of type ${file.type}` });
}

/** Where all redirects lead: with their body by 307 and 308, as a GET without one by the others. */
function moved({ method, body }: Request): Reply {
  const isWhole = method === 'GET' ? body.length === 0 : body.toString() === '{"kept":true}';
  return isWhole ? json(200, { method }) : json(400, { error: 'the body is not what was sent' });
}

function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, body: JSON.stringify(value), headers: { 'content-type': 'application/json', ...headers } };
}

function page(html: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 200, body: `<!doctype html>${html}`, headers: { 'content-type': 'text/html', ...headers } };
}
