import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

/** How often a server was asked for each thing, and what of it was in order. */
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

/**
 * A shop as users of load tests have one: they sign in and get a token (or a cookie, by a form), look through pages of items, order one, and ask
 * until the order is paid. Whoever has no token, or orders what there is not, is refused.
 */
export async function startShop(t: Pick<Test, 'teardown'>): Promise<Shop> {
  const counts: Record<string, number> = {};
  const tokens = new Set<string>();
  const orders = new Map<string, number>();
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };

  const answer = (request: IncomingMessage, response: ServerResponse, body: string) => {
    const url = new URL(request.url ?? '/', 'http://shop');
    const send = (status: number, value: unknown, headers: Record<string, string> = {}) => {
      count(`${request.method} ${url.pathname.replace(/\/\d+$/, '/…')} ${status}`);
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    };
    if (request.method === 'POST' && url.pathname === '/session') {
      const { user } = JSON.parse(body) as { user: string };
      const token = `token-of-${user}-${tokens.size}`;
      tokens.add(token);
      return send(200, { data: { token } });
    }
    if (request.method === 'POST' && url.pathname === '/sign-in') {
      const token = `token-of-${new URLSearchParams(body).get('user')}`;
      tokens.add(token);
      return send(303, {}, { location: '/items', 'set-cookie': `token=${token}; Path=/; HttpOnly` });
    }
    const [, cookie = ''] = /(?:^|; )token=([^;]*)/.exec(request.headers.cookie ?? '') ?? [];
    if (!tokens.has(cookie) && !tokens.has((request.headers.authorization ?? '').replace(/^Bearer /, '')))
      return send(401, { error: 'sign in' });
    if (request.method === 'GET' && url.pathname === '/items') {
      const page = Number(url.searchParams.get('page') ?? 1);
      const items = Array.from({ length: ITEMS_A_PAGE }, (_, i) => ({ id: page * 100 + i }));
      return send(200, { items, next: page < PAGES ? page + 1 : null });
    }
    if (request.method === 'POST' && url.pathname === '/orders') {
      const { item } = JSON.parse(body) as { item: string };
      if (!/^[123]0[012]$/.test(item)) return send(422, { error: `no item ${item}` });
      const id = String(orders.size + 1);
      orders.set(id, 0);
      return send(201, {}, { location: `/orders/${id}` });
    }
    const id = /^\/orders\/(\d+)$/.exec(url.pathname)?.[1] ?? '';
    const polls = orders.get(id);
    if (polls === undefined) return send(404, { error: `no order ${id}` });
    orders.set(id, polls + 1);
    return send(200, { state: polls + 1 >= POLLS_UNTIL_PAID ? 'paid' : 'open' });
  };

  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => answer(request, response, body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, counts };
}
