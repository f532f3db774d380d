import type { Page } from 'playwright-core';
import type { PlanOutline } from '../../../core/web/api/bodies.ts';
import { ApiError, judgedIn } from '../../../core/web/api-error.ts';
import { shownEvent, shownReason } from '../../../core/web/live/event.ts';
import { makeView } from '../../../reports/view.ts';
import { INVALID, resultOf } from '../results/documents.ts';
import { FakeControl } from './fake-control.ts';
import { DEFAULT_SHAPE, SimulatedRun, type SimulatedShape } from './simulated-run.ts';

/** A state of the live page that somebody may come upon. */
export interface PageState {
  readonly name: string;
  readonly shape?: Partial<SimulatedShape>;
  /** The simulated run where it is an unusual one. */
  readonly run?: new (
    shape: SimulatedShape,
  ) => SimulatedRun;
  readonly path?: string;
  /** Brings control to where it is when the page opens. */
  readonly setUp: (control: FakeControl) => void;
  /** What is there once the page shows the state. */
  readonly sign: string;
  /** What somebody does there, in whatever language. */
  readonly act?: (page: Page, control: FakeControl) => Promise<void>;
}

const LONG = 'checkout-very-large-shop-name-nobody-would-choose-but-some-program-makes-anyway-shows-everywhere';

class WithoutCriteria extends SimulatedRun {
  override hello(state: string, second: number) {
    return { ...super.hello(state, second), thresholds: [] };
  }
  override percentiles(second: number) {
    return { ...super.percentiles(second), thresholds: [] };
  }
}

class WithJourneys extends SimulatedRun {
  override hello(state: string, second: number) {
    const journeys = ['purchase', '结账流程'].map((name) => ({ scenario: 'devices', name }));
    return { ...super.hello(state, second), journeys };
  }
  override second(second: number, paused?: boolean) {
    const journeys = { requests: [40 * second, second], errors: [0, 3], rps: [40, 1], fps: [0, 0] };
    const times = { avgUs: [900_000, 4_000_000], maxUs: [2_100_000, 9_000_000] };
    return { ...super.second(second, paused), journeys: { ...journeys, ...times } };
  }
  override percentiles(second: number) {
    const names = ['p50Us', 'p90Us', 'p95Us', 'p99Us', 'p999Us', 'minUs', 'avgUs', 'maxUs'];
    const rows = Object.fromEntries(names.map((name, i) => [name, [800_000 + 100_000 * i, 3_000_000 + 500_000 * i]]));
    return { ...super.percentiles(second), journeys: { response: rows, service: rows } };
  }
}

const LEVELS = [
  '100 virtual users holds (1,220/s, p95 61 ms); next: 200 virtual users',
  '200 virtual users holds (2,310/s, p95 84 ms); next: 400 virtual users',
  '400 virtual users breaks (2,480/s, p95 312 ms): p95 < 200ms: failed with 312 ms, 56% over the limit; next: 300 virtual users, until the target is itself again',
];

class Searching extends SimulatedRun {
  override hello(state: string, second: number) {
    const scenarios = [{ name: 'devices', executor: 'find-max', of: 'vus', canSet: null, profile: [] }];
    return { ...super.hello(state, second), scenarios, canPause: false };
  }
  override timeline(from: number, to: number, step: number, operations: readonly number[]) {
    const events = LEVELS.map((text, i) => shownEvent({ atUs: (20 + 15 * i) * 1e6, text }));
    return { ...super.timeline(from, to, step, operations), events };
  }
}

class InDoubt extends SimulatedRun {
  override second(second: number, paused?: boolean) {
    const texts = [
      'Agents kept a core busy for 95% or more in 20 of 55 measured seconds (agent-001): the generator set the pace, not the target.',
      ...Array.from(
        { length: 9 },
        (_, i) => `The clock of agent agent-00${i} may be off by up to 40 ms (limit 10 ms).`,
      ),
    ];
    return {
      ...super.second(second, paused),
      warnings: texts,
      warningTexts: { 'zh-CN': texts.map(() => '发压端太忙：请增加代理。') },
    };
  }
}

const AT = '2026-11-30T05:00:00.000Z';

function agentRows(count: number) {
  return Array.from({ length: count }, (_, i) => ({
    name: `agent-${String(i + 1).padStart(4, '0')}`,
    host: `load-${1 + (i % 40)}.eu-central-1.compute.example`,
    os: 'linux 6.12.0-amd64',
    runtime: i % 3 === 0 ? 'Node 26.10.0' : 'Bun 1.4.5',
    cpus: 2 ** (1 + (i % 5)),
    memoryBytes: 2 ** 33 * (1 + (i % 3)),
    labels: i % 4 === 0 ? {} : { zone: `eu-central-1${'abc'[i % 3]}`, pool: 'large' },
    runId: i % 2 === 0 ? DEFAULT_SHAPE.runId : null,
  }));
}

/** @param pageSize how many an answer has */
function paged<Row>(rows: readonly Row[], pageSize: number, name: string) {
  return ({ query }: { readonly query: unknown }) => {
    const { after } = query as { readonly after?: string };
    const from = after === undefined ? 0 : Number(after);
    const to = from + pageSize;
    return { [name]: rows.slice(from, to), after: to < rows.length ? String(to) : null };
  };
}

const OUTCOMES = ['pass', 'fail', 'invalid', 'aborted', 'no-criteria', ''] as const;

function pastRuns(count: number) {
  return Array.from({ length: count }, (_, i) => {
    const verdict = OUTCOMES[i % OUTCOMES.length] as string;
    const reason = verdict === 'fail' ? 'p95 < 200ms: failed with 312 ms, 56% over the limit.' : '';
    return {
      runId: `k3x9q0a1b${String(1000 - i)}`,
      name: i % 7 === 3 ? LONG : i % 2 === 0 ? 'upload' : '下单压测',
      state: verdict === '' ? 'failed' : 'finished',
      createdAt: new Date(Date.parse(AT) - i * 3_600_000).toISOString(),
      verdict,
      ...shownReason(verdict === '' ? 'stopped before the load began: someone asked for it' : reason),
      note: i % 5 === 1 ? '使用新缓存\n连接数加倍，上一晚没有结果' : '',
      tags: i % 3 === 0 ? ['nightly', `build:${4000 + i}`, 'release/2026-11'] : [],
    };
  });
}

const PROBLEMS = (
  [
    [7, 'scenarios.devices.duraton', 'unknown key "duraton"', 'did you mean "duration"?'],
    [
      31,
      `drivers.shop.options.operations.${LONG}.path`,
      'must begin with /, or be a whole URL such as https://shop.test/items, not "x"',
      '',
    ],
    [null, '', 'driver "shop" needs a target: set it in the plan, or use --host http://127.0.0.1:5002', ''],
  ] as const
).map(([line, path, message, hint]) => ({ line, path, message, hint }));

const OUTLINE: PlanOutline = {
  name: LONG,
  target: 'https://shop.eu-central-1.example:8443/a/rather/long/base/path',
  ...{ plannedUs: 900e6, warmupUs: 5e6 },
  scenarios: [
    { name: 'devices', executor: 'ramping-vus', operations: ['upload', 'health'], level: 100, of: 'vus' },
    {
      name: LONG,
      executor: 'constant-arrival-rate',
      operations: Array.from({ length: 12 }, (_, i) => `/api/${i}`),
      level: 1500.5,
      of: 'rate',
    },
  ],
  thresholds: ['p95 < 200ms', `"${LONG}" error_rate < 0.1%`],
  params: [
    { name: 'users', kind: 'number', default: '20', description: 'how many shoppers' },
    { name: 'shop', kind: 'string', default: null, description: 'id of the shop' },
    { name: 'isFast', kind: 'boolean', default: 'true', description: '' },
  ],
  notices: ['Because of vus, scenario devices runs as constant-vus: 8 virtual users for 15m.'],
};

const at = (second: number) => (control: FakeControl) => control.jump(second);
const inState = (state: string) => (control: FakeControl) => {
  control.state = state;
};
const endedInvalid = (control: FakeControl) => {
  control.jump(60);
  control.verdict = 'invalid';
  control.state = 'finished';
  control.answers.runView = ({ query }) => makeView(resultOf(INVALID), (query as { lang: 'en' | 'zh-CN' }).lang);
};
const compared = (control: FakeControl) => {
  control.jump(60);
  control.ended = ['one', 'two', 'three', 'four', 'five'];
};
const press = (selector: string, sign: string) => async (page: Page) => {
  await page.locator(selector).first().click();
  await page.locator(sign).first().waitFor();
};

const RUN = `/runs/${DEFAULT_SHAPE.runId}`;
const RUNNING = '#results tbody tr';

/** What the page can show, beside a run that goes on as planned. */
export const PAGE_STATES: readonly PageState[] = [
  {
    name: 'no run',
    setUp: (control) => Object.assign(control, { state: 'none', canStart: false }),
    sign: 'main .lead',
  },
  { name: 'no such page', path: '/nothing', setUp: at(20), sign: 'main .lead' },
  { name: 'no such run', path: '/runs/nothing', setUp: at(20), sign: 'main .lead' },
  ...['queued', 'waiting', 'preparing'].map((state) => {
    return { name: state, setUp: inState(state), sign: '.before .lead' };
  }),
  ...['draining', 'verifying'].map((state): PageState => {
    return { name: state, setUp: (control) => Object.assign(control, { state, newest: 60 }), sign: RUNNING };
  }),
  {
    name: 'paused',
    setUp: (control) => Object.assign(control, { paused: true, state: 'running', newest: 60 }),
    sign: '.state.paused',
  },
  { name: 'agent lost', shape: { trouble: 40, loss: 50 }, setUp: at(60), sign: '.warnings' },
  { name: 'in doubt', run: InDoubt, setUp: at(60), sign: '.warnings' },
  { name: 'no criteria', run: WithoutCriteria, setUp: at(60), sign: RUNNING },
  { name: 'journeys', run: WithJourneys, setUp: at(60), sign: RUNNING },
  {
    name: 'ratios',
    shape: { ratios: ['vector_search.recall', 'hybrid_search.recall'] },
    setUp: at(60),
    sign: '#ratios tbody tr',
  },
  { name: 'levels', run: Searching, setUp: at(60), sign: RUNNING },
  { name: 'viewer', shape: { role: 'viewer' }, setUp: at(60), sign: RUNNING },
  {
    name: 'long names',
    shape: {
      name: LONG,
      operations: 5,
      names: [LONG, `https://shop.example/${LONG}?a=1&b=2`, '一个没有空格的非常非常非常非常非常长的操作名称'],
    },
    setUp: (control) => {
      control.jump(60);
      control.notes = { note: `${LONG}\n第二行`, tags: ['nightly', LONG.slice(0, 50)] };
    },
    sign: RUNNING,
  },
  {
    name: 'view reset',
    setUp: at(60),
    sign: RUNNING,
    act: press('header.run .buttons button:last-of-type', '.banner'),
  },
  { name: 'an operation', setUp: at(60), sign: RUNNING, act: press('#results .pick', '.operation .uplot') },
  {
    name: 'a failure in full',
    shape: { trouble: 40 },
    setUp: at(60),
    sign: '#errors .pick',
    act: press('#errors .pick', '.samples'),
  },
  { name: 'edit', setUp: at(60), sign: RUNNING, act: press('header.run .buttons button', 'dialog input') },
  { name: 'stop', setUp: at(60), sign: RUNNING, act: press('header.run .buttons .danger', 'dialog .danger') },
  { name: 'notes', setUp: at(60), sign: '.notes button', act: press('.notes button', 'dialog textarea') },
  {
    name: 'control gone',
    setUp: at(60),
    sign: RUNNING,
    act: async (page, control) => {
      await control.close();
      await page.locator('.banner.bad').waitFor();
    },
  },
  { name: 'invalid', path: RUN, setUp: endedInvalid, sign: '#conclusion li' },
  {
    name: 'no result',
    path: RUN,
    setUp: (control) => {
      control.state = 'failed';
    },
    sign: '.before .lead',
  },
  {
    name: 'start',
    path: '/start',
    setUp: (control) => {
      control.jump(20);
      control.answers.checkPlan = ({ lang }) => judgedIn({ ok: true, outline: OUTLINE, problems: [] }, lang);
    },
    sign: '.outcome.pass',
  },
  {
    name: 'a plan with problems',
    path: '/start',
    setUp: (control) => {
      control.jump(20);
      control.answers.checkPlan = ({ lang }) => judgedIn({ ok: false, outline: null, problems: PROBLEMS }, lang);
    },
    sign: '.outcome.fail',
  },
  {
    name: 'too large',
    path: '/start',
    setUp: at(20),
    sign: '.outcome',
    act: async (page) => {
      const buffer = Buffer.alloc(2 << 20, ' ');
      await page.locator('input[type=file]').setInputFiles({ name: `${LONG}.yaml`, mimeType: 'text/yaml', buffer });
      await page.locator('.complaint').waitFor();
    },
  },
  {
    name: 'login',
    setUp: (control) => {
      control.answers.session = () => ({ role: null, login: 'token', expiresAt: null });
      control.refusals = (method, path) =>
        method === 'POST' && path === '/session'
          ? new ApiError(401, 'the token is unknown or was revoked: ask for a new one (`bench control invite`)')
          : undefined;
    },
    sign: 'input[type=password]',
    act: async (page) => {
      await page.locator('input[type=password]').fill('not-the-token');
      await page.locator('button[type=submit]').click();
      await page.locator('.complaint').waitFor();
    },
  },
  {
    name: 'no history',
    path: '/runs',
    setUp: (control) => Object.assign(control, { state: 'none' }),
    sign: 'main .note',
  },
  {
    name: 'history',
    path: '/runs',
    setUp: (control) => {
      control.jump(20);
      control.answers.runs = paged(pastRuns(300), 100, 'runs');
    },
    sign: 'tbody .tags',
    act: async (page) => {
      for (const rows of [200, 300]) {
        await page.locator('main > .buttons button').click();
        await page.locator(`table[aria-rowcount="${rows + 1}"]`).waitFor();
      }
      for (const i of [0, 1]) await page.locator('tbody input[type=checkbox]:enabled').nth(i).check();
    },
  },
  { name: 'no agents', path: '/agents', setUp: at(20), sign: 'main code' },
  {
    name: '1,000 agents',
    path: '/agents',
    setUp: (control) => {
      control.jump(20);
      control.answers.agents = paged(agentRows(1000), 500, 'agents');
    },
    sign: 'tbody tr',
  },
  { name: 'compare of two', path: '/compare?runs=one,two', setUp: compared, sign: '.outcome' },
  { name: 'compare of three', path: '/compare?runs=one,two,three', setUp: compared, sign: '.outcome' },
  { name: 'compare of five', path: '/compare?runs=one,two,three,four,five', setUp: compared, sign: '.outcome' },
  {
    name: 'another load',
    path: '/compare?runs=one,other',
    setUp: (control) => Object.assign(control, { ended: ['one', 'other'] }),
    sign: 'main .buttons button',
  },
  {
    name: 'log',
    path: '/log',
    setUp: (control) => {
      control.jump(20);
      const texts = [
        'control listens on 127.0.0.1:7070',
        'agent agent-001 is here, from 10.0.0.7:51234',
        `run ${DEFAULT_SHAPE.runId}: ${LONG}`,
        'agent agent-002 was lost: nothing has come from it for 3 s',
        'the store bench.db cannot be written: SQLITE_FULL: database or disk is full; windows wait, and control tries again every second',
      ];
      for (let i = 0; i < 120; i++) {
        const level = i % 10 === 3 ? 'warn' : i % 10 === 4 ? 'error' : 'info';
        const time = new Date(Date.parse(AT) + i * 1234).toISOString();
        control.logged.push({ at: time, level, text: texts[i % 5] as string, runId: null });
      }
    },
    sign: '.log li',
  },
];

/** A control in this state. */
export function controlIn({ shape = {}, run: Run = SimulatedRun, setUp }: PageState): FakeControl {
  const control = new FakeControl(new Run({ ...DEFAULT_SHAPE, ...shape }));
  setUp(control);
  return control;
}
