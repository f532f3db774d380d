// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of the driver's own templates
import t from 'tap';
import http from '../../../plugins/http.ts';
import { fakeContext } from '../../../testing/fake-context.ts';
import { fakeUser } from '../../../testing/fake-user.ts';
import { openHttp, type SiteAnswer, type SiteRequest, startSite } from './site.ts';

const NO_COOKIES: SiteAnswer = { body: 'ok' };

function shop({ url, body }: SiteRequest): SiteAnswer {
  if (url === '/session') return { headers: { 'set-cookie': [`sid=${body}; Path=/`, 'deep=1; Path=/deep'] } };
  if (url === '/leave') return { headers: { 'set-cookie': 'sid=; Max-Age=0; Path=/' } };
  if (url === '/strange') return { headers: { 'set-cookie': ['x=1; Domain=other.test', '=', 'ok=1; Path=/'] } };
  return NO_COOKIES;
}

const operations = {
  'sign-in': { method: 'POST', path: '/session', body: 's${vu}', extract: { sid: { cookie: 'sid' } } },
  constant: { path: '/items' },
  rendered: { method: 'POST', path: '/deep/${vu}?q=/', body: { json: { n: '${vu}' } } },
  read: { path: '/items', checks: { body: { contains: 'ok' }, headers: { date: 'GMT' } } },
  own: { path: '/items', headers: { Cookie: 'consent=${vu}; sid=mine' } },
  leave: { path: '/leave' },
  strange: { path: '/strange' },
};

for (const protocol of [{}, { http2: true }]) {
  t.test(`cookies go back to the server, ${JSON.stringify(protocol)}`, async (t) => {
    const site = await startSite(t, 'http2' in protocol, shop);
    const driver = await openHttp(t, site.origin, { ...protocol, cookies: true, operations });
    const user = fakeUser();
    const [send, other] = [await driver.connect(user), await driver.connect(fakeUser({ index: 1 }))];
    const cookie = async (name: keyof typeof operations, by = send) => {
      t.match(await by(name), { ok: true }, name);
      return site.requests.at(-1)?.headers.cookie;
    };
    t.equal(await cookie('own'), 'consent=1; sid=mine', 'a header of the plan alone');
    t.equal(await cookie('constant'), undefined);
    t.equal(await cookie('sign-in'), undefined);
    t.equal(user.variables.get('sid'), 's1');
    for (let i = 0; i < 3; i++) t.equal(await cookie('constant'), 'sid=s1');
    t.equal(await cookie('rendered'), 'deep=1; sid=s1');
    t.equal(site.requests.at(-1)?.body, '{"n":1}');
    t.equal(await cookie('read'), 'sid=s1');
    t.equal(await cookie('own'), 'consent=1; sid=mine', 'what the plan says goes before the jar');
    t.equal(await cookie('constant', other), undefined, 'another user has other cookies');
    await cookie('sign-in', other);
    t.equal(await cookie('constant', other), 'sid=s2');
    t.equal(await cookie('constant'), 'sid=s1');
    await cookie('strange');
    t.equal(await cookie('constant'), 'sid=s1; ok=1', 'cookies that are none, or of others, are ignored');
    await cookie('leave');
    t.equal(await cookie('constant'), 'ok=1');
  });
}

t.test('one jar for all drivers and sessions of a virtual user', async (t) => {
  const site = await startSite(t, false, shop);
  const context = fakeContext({ target: site.origin });
  const one = await openHttp(t, site.origin, { cookies: true, operations }, context);
  const two = await openHttp(t, site.origin, { cookies: true, operations }, context);
  const without = await openHttp(t, site.origin, { operations }, context);
  const user = fakeUser();
  await (await one.connect(user))('sign-in');
  const cookieOf = async (driver: typeof one) => {
    await (await driver.connect({ ...user }))('constant');
    return site.requests.at(-1)?.headers.cookie;
  };
  t.equal(await cookieOf(two), 'sid=s1');
  t.equal(await cookieOf(one), 'sid=s1', 'a user that comes back still has its cookies, as it has its variables');
  t.equal(await cookieOf(without), undefined, 'a driver without cookies sends none');
});

t.test('what is no switch is refused', async (t) => {
  const { issues } = await http.options['~standard'].validate({ cookies: 'yes', operations: { a: { path: '/' } } });
  t.match(issues?.[0], { path: ['cookies'], message: /^must be true or false, not "yes"$/ });
});
