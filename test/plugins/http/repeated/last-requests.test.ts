// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of the driver's own templates
import t from 'tap';
import { fakeUser } from '../../../../testing/fake-user.ts';
import { openHttp, type SiteAnswer, type SiteRequest, startSite } from '../site.ts';

/** Sets a cookie of as many letters as it is asked for. */
function answer({ url }: SiteRequest): SiteAnswer {
  const letters = /^\/cookie\/(\d+)/.exec(url)?.[1];
  return letters === undefined ? {} : { headers: { 'set-cookie': `sid=${'x'.repeat(Number(letters))}; Path=/` } };
}

const operations = {
  order: {
    method: 'POST',
    path: '/orders/${item}',
    headers: { Authorization: 'Bearer ${token}' },
    body: { json: { item: '${item}' } },
  },
  list: { path: '/items', headers: { Authorization: 'Bearer ${token}' } },
  one: { path: '/cookie/1' },
  two: { path: '/cookie/2' },
  drawn: { path: '/items', headers: { 'X-Id': '${uuid}', 'X-Token': '${token}' } },
  count: { method: 'POST', path: '/items', body: '${token} ${iteration}' },
  parts: { method: 'POST', path: '/items', body: { multipart: { token: '${token}' } } },
};

for (const cookies of [false, true]) {
  t.test(`a request follows its variables, ${cookies ? 'with' : 'without'} cookies`, async (t) => {
    const site = await startSite(t, false, answer);
    const driver = await openHttp(t, site.origin, { cookies, operations });
    const user = fakeUser();
    const send = await driver.connect(user);
    const sent = async (operation: keyof typeof operations) => {
      t.match(await send(operation), { ok: true }, operation);
      return site.requests.at(-1) as SiteRequest;
    };

    user.variables.set('token', 'a').set('item', '7');
    const first = await sent('order');
    t.match(first, { url: '/orders/7', headers: { authorization: 'Bearer a' }, body: '{"item":"7"}' });
    t.same(await sent('order'), first, 'the same again');
    t.equal((await sent('list')).headers.authorization, 'Bearer a', 'another operation is another request');
    t.same(await sent('order'), first);
    user.variables.set('token', 'b');
    t.match(await sent('order'), { url: '/orders/7', headers: { authorization: 'Bearer b' } });
    user.variables.set('item', '1234');
    t.match(await sent('order'), {
      url: '/orders/1234',
      body: '{"item":"1234"}',
      headers: { authorization: 'Bearer b' },
    });
    t.match(await send('order'), { ok: true, bytesSent: '{"item":"1234"}'.length }, 'and its size is told');
    t.match(await send('order'), { ok: true, bytesSent: '{"item":"1234"}'.length }, 'each time');
    user.variables.delete('item');
    t.match(await send('order'), { ok: false, errorKind: 'variable_missing' });

    const other = fakeUser({ index: 1 });
    const sendOther = await driver.connect(other);
    other.variables.set('token', 'c');
    await sendOther('list');
    t.equal(site.requests.at(-1)?.headers.authorization, 'Bearer c', 'another user has other variables');
    t.equal((await sent('list')).headers.authorization, 'Bearer b');
  });
}

t.test('a request follows its cookies', async (t) => {
  const site = await startSite(t, false, answer);
  const driver = await openHttp(t, site.origin, { cookies: true, operations });
  const user = fakeUser();
  user.variables.set('token', 'a');
  const send = await driver.connect(user);
  const cookie = async () => {
    await send('list');
    return site.requests.at(-1)?.headers.cookie;
  };
  t.equal(await cookie(), undefined);
  await send('one');
  t.equal(await cookie(), 'sid=x');
  t.equal(await cookie(), 'sid=x');
  await send('two');
  t.equal(await cookie(), 'sid=xx');
  await send('one');
  t.equal(await cookie(), 'sid=x');
});

t.test('what is drawn or counted is new each time', async (t) => {
  const site = await startSite(t, false, answer);
  const driver = await openHttp(t, site.origin, { operations });
  const user = fakeUser();
  user.variables.set('token', 'a');
  const send = await driver.connect(user);
  for (const operation of ['drawn', 'count', 'parts'] as const) {
    await send(operation);
    await send(operation);
    const [before, last] = site.requests.slice(-2);
    t.notSame(last, before, operation);
  }
});
