import t from 'tap';
import { type HttpPlanFlags, httpPlan } from '../../../../core/cli/plans/http-plan.ts';
import { arrivalTimes, loadProfile } from '../../../../core/plan/load/profile.ts';
import { parsePlan } from '../../../../core/plan/parse.ts';
import fc from '../../../kit/property.ts';

const placeholders = `/\${uuid}?v=\${random(1, 9)}`;
const URL = 'http://127.0.0.1:5002/orders?page=2';
const scenarioOf = (flags: Partial<HttpPlanFlags>) => {
  return parsePlan(httpPlan(URL, { connections: 50, ...flags })).scenarios.request;
};

t.test('the load is what the flags ask for', async (t) => {
  t.match(scenarioOf({}), { executor: 'constant-vus', vus: 50, duration: 10e6 });
  t.match(scenarioOf({ duration: '90s', connections: 3 }), { executor: 'constant-vus', vus: 3, duration: 90e6 });
  t.match(scenarioOf({ requests: 1000 }), { executor: 'shared-iterations', vus: 50, iterations: 1000 });
  t.match(scenarioOf({ requests: 7 }), { vus: 7 }, 'no connection stays without a request');
  t.match(scenarioOf({ rate: 2000 }), { executor: 'constant-arrival-rate', rate: 2000, maxVus: 50, duration: 10e6 });
  t.match(scenarioOf({ rate: 2000, requests: 5000 }), { executor: 'constant-arrival-rate', rate: 2000 });
  t.throws(() => scenarioOf({ requests: 1, duration: '1s' }), /--duration and --requests/);
});

t.test('a rate and a number of requests give exactly that number of arrivals', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 50_000 }), (requests, rate) => {
      const scenario = scenarioOf({ requests, rate });
      if (scenario?.executor !== 'constant-arrival-rate') return false;
      const timeOf = arrivalTimes(loadProfile(scenario, 0));
      return timeOf(requests - 1) !== undefined && timeOf(requests) === undefined;
    }),
  );
});

t.test('the request is what the flags ask for', async (t) => {
  const requestOf = (url: string, flags: Partial<HttpPlanFlags> = {}) => {
    const plan = httpPlan(url, { connections: 1, ...flags });
    const options = plan.drivers?.http?.options as { operations: { request: object } } | undefined;
    return options?.operations.request;
  };
  t.strictSame(requestOf(URL), { method: 'GET', path: '/orders?page=2' });
  t.strictSame(requestOf(URL, { json: { a: 1 } }), {
    method: 'POST',
    path: '/orders?page=2',
    body: { json: { a: 1 } },
  });
  t.strictSame(requestOf(URL, { method: 'put', body: 'x' }), { method: 'PUT', path: '/orders?page=2', body: 'x' });
  t.match(requestOf(URL, { bodyFile: 'a.bin' }), { body: { file: 'a.bin' } });
  t.match(requestOf(`http://h${placeholders}`), { path: placeholders }, 'placeholders stay');
  t.match(requestOf('http://h/$%7B%ZZ%7D'), { path: '/$%7B%ZZ%7D' }, 'what is none stays as it is');
  t.equal(httpPlan('https://h:8443/x', { connections: 1 }).target, 'https://h:8443');
  t.throws(() => requestOf(URL, { body: 'x', json: 1 }), /--json and --body cannot be given together/);
  for (const wrong of ['h:80', 'ftp://h', '', 'http://']) t.throws(() => requestOf(wrong), /not an address of HTTP/);
  t.throws(() => requestOf('http://me:secret@h/'), /holds a user name/);
  t.throws(() => requestOf('http://:secret@h/'), /holds a user name or a password/);
});
