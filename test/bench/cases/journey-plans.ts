// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of plans
import type { PlanInput } from '../../../core/plan/schema.ts';
import type { HttpLoad } from '../peers/peer.ts';
import { SESSION_PATH } from '../servers/server.ts';

const SCRIPTS = new URL('../scripts/', import.meta.url);

/** The same GET again and again: what the journeys are held against. */
export function plainGet(load: HttpLoad): PlanInput {
  return {
    ...base('Plain GET', load),
    drivers: { http: { options: { operations: { items: { path: new URL(load.url).pathname } } } } },
    scenarios: { loop: { ...closedLoop(load), operations: [{ driver: 'http', operation: 'items' }] } },
  };
}

/** Signs in, keeps the token and the cookie of the answer, and sends both with two more requests. */
export function flow(load: HttpLoad): PlanInput {
  return {
    ...base('Flow of three steps', load),
    drivers: { http: { options: journeyOptions() } },
    scenarios: { shoppers: { ...closedLoop(load), flow: STEPS } },
  };
}

/** One GET per iteration, by a script. */
export function scriptedGet(load: HttpLoad): PlanInput {
  return scripted('One GET per iteration, as a script', 'get.ts', load);
}

/** What {@link flow} does, as a script. */
export function scriptedFlow(load: HttpLoad): PlanInput {
  const plan = scripted('Flow of three steps, as a script', 'shopper.ts', load);
  return { ...plan, drivers: { http: { options: { cookies: true } } } };
}

/** Many users who pause between their passes, each with a jar of cookies and two variables. */
export function manyShoppers(users: number, seconds: number, target: string): PlanInput {
  return {
    name: 'Many shoppers',
    target,
    drivers: { http: { options: journeyOptions() } },
    scenarios: {
      shoppers: {
        executor: 'constant-vus',
        vus: users,
        duration: `${seconds}s`,
        thinkTime: { uniform: ['1s', '9s'] },
        flow: STEPS,
      },
    },
  };
}

const STEPS = ['sign-in', 'list', 'order'].map((operation) => ({ driver: 'http', operation }));

function journeyOptions() {
  const headers = { Authorization: 'Bearer ${token}' };
  return {
    cookies: true,
    operations: {
      'sign-in': {
        method: 'POST',
        path: SESSION_PATH,
        body: { json: { user: 'shopper' } },
        extract: { token: { json: 'data.token' }, code: { json: 'code' } },
      },
      list: { path: '/items?page=1', headers },
      order: { method: 'POST', path: '/orders', headers, body: { json: { item: 7 } } },
    },
  };
}

function scripted(name: string, file: string, load: HttpLoad): PlanInput {
  return {
    ...base(name, load),
    scenarios: { shoppers: { ...closedLoop(load), user: new URL(file, SCRIPTS).href } },
  };
}

function base(name: string, { url }: HttpLoad) {
  return { name, target: new URL(url).origin };
}

function closedLoop({ connections, seconds }: HttpLoad) {
  return {
    executor: 'constant-vus' as const,
    vus: connections,
    duration: `${seconds}s`,
    gracefulStop: '5s',
  };
}
