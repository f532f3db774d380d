/** Plans for `test/kit/shop.ts`; one of its users twice: as a flow of steps, and as a script. */

export const USERS = 4;

const LOAD = `executor: per-vu-iterations
    vus: ${USERS}
    iterations: 2`;

const CLIENT = `cookies: true
      acceptEncoding: [gzip, br]
      redirects: follow`;

const THRESHOLDS = `thresholds:
  - fails == 0
  - journey shoppers fails == 0`;

/** Operations that order an item, and ask whether the order is paid. */
export const BUYING = `        order:
          method: POST
          path: /orders
          headers: { Authorization: 'Bearer \${token}' }
          body: { json: { item: '\${item}' } }
          checks: { status: 201 }
          extract: { order: { header: location, regex: '/orders/(\\d+)$' } }
        status:
          path: /orders/\${order}
          headers: { Authorization: 'Bearer \${token}' }
          extract: { state: { json: state } }`;

export const SHOP_PLAN = `name: Shop
drivers:
  http:
    options:
      ${CLIENT}
      operations:
        login page:
          path: /login
          extract: { csrf: { regex: 'name="csrf" value="([^"]+)"' } }
        login:
          method: POST
          path: /login
          body: { form: { user: 'user \${vu}', password: 'pass & word', csrf: '\${csrf}' } }
          checks: { status: 200, body: { contains: Your account } }
        sign in:
          method: POST
          path: /session
          body: { json: { user: 'user \${vu}' } }
          extract: { token: { json: data.token } }
        first page:
          path: /items
          headers: { Authorization: 'Bearer \${token}' }
          extract: { item: { json: 'items[*].id', pick: random }, next: { json: next } }
        next page:
          path: '/items?page=\${next}'
          headers: { Authorization: 'Bearer \${token}' }
          extract: { next: { json: next, default: none } }
${BUYING}
        photo:
          method: POST
          path: /photos
          headers: { Authorization: 'Bearer \${token}' }
          body:
            multipart:
              title: my photo
              photo: { text: black & white, filename: photo.txt, contentType: text/plain }
          checks: { status: 201 }
        account: { path: /account, checks: { body: { contains: Your account } } }
${[301, 302, 303, 307, 308].map(oldPath).join('\n')}
scenarios:
  shoppers:
    ${LOAD}
    onStart:
      - { driver: http, operation: login page }
      - { driver: http, operation: login }
      - { driver: http, operation: sign in }
    flow:
      - { driver: http, operation: first page }
      - { repeat: 5, until: { variable: next, equals: none }, flow: [{ driver: http, operation: next page }] }
      - { driver: http, operation: order }
      - { repeat: 5, until: { variable: state, equals: paid }, flow: [{ driver: http, operation: status }] }
      - { driver: http, operation: photo }
      - { driver: http, operation: account }
      - { driver: http, operation: old 301 }
      - { driver: http, operation: old 302 }
      - { driver: http, operation: old 303 }
      - { driver: http, operation: old 307 }
      - { driver: http, operation: old 308 }
${THRESHOLDS}
`;

function oldPath(status: number): string {
  return `        old ${status}:
          method: POST
          path: /old/${status}
          headers: { Authorization: 'Bearer \${token}' }
          body: { json: { kept: true } }
          checks: { status: 200, body: { json: { method: ${status < 307 ? 'GET' : 'POST'} } } }`;
}

export const SHOP_SCRIPT_PLAN = `name: Shop
drivers:
  http:
    options:
      ${CLIENT}
scenarios:
  shoppers:
    ${LOAD}
    user: ./shopper.mjs
${THRESHOLDS}
`;

export const SHOP_SCRIPT = `import { defineUser } from '@bench/toolkit';

const form = /name="csrf" value="([^"]+)"/;

export default defineUser({
  async onStart({ http, vars, index }) {
    const page = await http.get('/login', { name: 'login page' });
    const csrf = form.exec(page.orThrow().text())?.[1];
    const login = { user: 'user ' + (index + 1), password: 'pass & word', csrf };
    const account = await http.post('/login', { name: 'login', form: login, checks: { body: { contains: 'Your account' } } });
    account.orThrow();
    const session = await http.post('/session', { name: 'sign in', json: { user: 'user ' + (index + 1) } });
    vars.token = session.orThrow().json().data.token;
  },
  async iterate({ http, vars, random, fail }) {
    const headers = { authorization: 'Bearer ' + vars.token };
    const first = (await http.get('/items', { name: 'first page', headers })).orThrow().json();
    for (let next = first.next; next !== null; ) {
      next = (await http.get('/items', { name: 'next page', query: { page: next }, headers })).orThrow().json().next;
    }
    const json = { item: String(random.pick(first.items).id) };
    const placed = await http.post('/orders', { name: 'order', json, headers, checks: { status: 201 } });
    const order = placed.orThrow().headers.get('location');
    for (let state = 'open', polls = 0; state !== 'paid'; ) {
      if (++polls > 5) fail('the order is never paid');
      state = (await http.get(order, { name: 'status', headers })).orThrow().json().state;
    }
    const photo = { content: 'black & white', filename: 'photo.txt', contentType: 'text/plain' };
    const multipart = { title: 'my photo', photo };
    (await http.post('/photos', { name: 'photo', multipart, headers, checks: { status: 201 } })).orThrow();
    (await http.get('/account', { name: 'account', checks: { body: { contains: 'Your account' } } })).orThrow();
    for (const status of [301, 302, 303, 307, 308]) {
      const answer = await http.post('/old/' + status, { name: 'old ' + status, json: { kept: true }, headers });
      if (answer.orThrow().json().method !== (status < 307 ? 'GET' : 'POST')) fail('a redirect changed the method');
    }
  },
});
`;

/** What the shop answers to four users who sign in once, and of whom each looks at items and buys one, five times. */
export const FOUR_BUY_FIVE = {
  'POST /session 200': 4,
  'GET /items 200': 20,
  'POST /orders 201': 20,
  'GET /orders/… 200': 60,
};
