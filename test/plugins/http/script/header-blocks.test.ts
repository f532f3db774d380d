import t from 'tap';
import type { HttpRequestOptions } from '../../../../core/script/http.ts';
import { openHttp } from '../../../../plugins/http/script/open-http.ts';
import { fakeContext } from '../../../../testing/fake-context.ts';
import { fakeUser } from '../../../../testing/fake-user.ts';
import { type Echo, startEcho } from './echo-server.ts';

t.test('each request has the headers, the cookies and the body that it was given', async (t) => {
  const server = await startEcho(t, (request, response) => {
    const value = /^\/cookie\/(.*)/.exec(request.url ?? '')?.[1];
    if (value !== undefined) response.setHeader('Set-Cookie', `sid=${value}; Path=/`);
    return false;
  });
  const clients = await openHttp(fakeContext({ target: server.url }), { cookies: true, headers: { 'X-Team': 'blue' } });
  const { signal } = new AbortController();
  const http = await clients.connect(fakeUser(), signal);
  t.teardown(() => {
    http.close();
    clients.close();
  });
  const sent = async (options: HttpRequestOptions, path = '/orders') =>
    (await http.post(path, { name: 'order', ...options })).json<Echo>();
  const headers = { Authorization: 'Bearer a' };

  const first = await sent({ headers, json: { item: 7 } });
  t.match(first, { headers: { authorization: 'Bearer a', 'x-team': 'blue' }, body: '{"item":7}' });
  t.same(await sent({ headers: { ...headers }, json: { item: 7 } }), first, 'the same again');
  t.match(await sent({ headers, json: { item: 12345 } }, '/orders/2'), {
    url: '/orders/2',
    body: '{"item":12345}',
    headers: { authorization: 'Bearer a', 'content-length': '14' },
  });
  t.equal((await sent({ headers: { Authorization: 'Bearer b' } })).headers.authorization, 'Bearer b');
  t.match(await sent({ headers: { Authorization: 'Bearer b' } }), { headers: { 'content-length': '0' }, body: '' });
  t.equal((await sent({ json: 1 })).headers.authorization, undefined, 'one header less');
  t.match(await sent({ headers: { 'X-A': 1, 'X-B': 2 }, json: 1 }), { headers: { 'x-a': '1', 'x-b': '2' } });
  t.match(await sent({ headers: { 'X-A': 2, 'X-B': 1 }, json: 1 }), { headers: { 'x-a': '2', 'x-b': '1' } });
  const fewer = await sent({ headers: { 'X-A': 2, 'X-B': undefined }, json: 1 });
  t.match(fewer.headers, { 'x-a': '2', 'x-b': undefined });
  t.match(await sent({ headers: { 'X-Team': 'red' }, json: 1 }), { headers: { 'x-team': 'red' } });
  t.match(await sent({ json: 1 }), { headers: { 'x-team': 'blue', 'content-type': 'application/json' } });
  t.match(await sent({ form: { a: 1 } }), { headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  t.match(await sent({ multipart: { a: 1 } }), { headers: { 'content-type': /^multipart/ }, body: /name="a"/ });
  t.match(await sent({ multipart: { a: 1 } }), { headers: { 'content-type': /^multipart/ }, body: /name="a"/ });

  for (const value of ['one', 'two', 'one']) {
    await http.get(`/cookie/${value}`);
    t.equal((await sent({ headers, json: 1 })).headers.cookie, `sid=${value}`);
    t.equal((await sent({ headers, json: 1 })).headers.cookie, `sid=${value}`);
  }
});

t.test('a header that is neither text nor a number is written as it is then', async (t) => {
  const server = await startEcho(t);
  const clients = await openHttp(fakeContext({ target: server.url }));
  const { signal } = new AbortController();
  const http = await clients.connect(fakeUser(), signal);
  t.teardown(() => {
    http.close();
    clients.close();
  });
  let count = 0;
  const counter = { toString: () => `n${++count}` } as unknown as string;
  const values: unknown[] = [];
  for (let i = 0; i < 2; i++) {
    values.push((await http.get('/items', { headers: { 'X-Count': counter } })).json<Echo>().headers['x-count']);
  }
  t.same(values, ['n1', 'n2']);
});
