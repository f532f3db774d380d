import { EventEmitter, once } from 'node:events';
import type { z } from 'zod';
import { systemClock } from '../../../core/clock.ts';
import { isOwnHost } from '../../../core/control/security/own-host.ts';
import { compareRuns } from '../../../core/verdict/compare/compare-runs.ts';
import { pageEvents } from '../../../core/web/api/bodies.ts';
import {
  type compareQuery,
  type Route,
  type RouteName,
  routes,
  type timelineQuery,
  type viewQuery,
} from '../../../core/web/api/routes.ts';
import { type RunEventName, runEvents } from '../../../core/web/api/run-events.ts';
import { ApiError } from '../../../core/web/api-error.ts';
import type { Answer, Asked } from '../../../core/web/exchange.ts';
import { loopbackAccess, type WebCaller } from '../../../core/web/gate/access.ts';
import { securityHeaders } from '../../../core/web/gate/origin.ts';
import { ToldAgents } from '../../../core/web/live/agent-rows.ts';
import { shownReason } from '../../../core/web/live/event.ts';
import { Page } from '../../../core/web/page.ts';
import { API_ROOT, type Handlers, Router } from '../../../core/web/router.ts';
import type { EventClient } from '../../../core/web/stream/event-client.ts';
import { OpenStreams } from '../../../core/web/stream/open-streams.ts';
import { eventFrame } from '../../../core/web/stream/sse-frame.ts';
import { listenForWeb, type WebListener } from '../../../core/web/web-listener.ts';
import { makeComparisonView } from '../../../reports/compare/view.ts';
import { pageFiles } from '../../../reports/live/page-files.ts';
import { makeView } from '../../../reports/view.ts';
import { DOCUMENT_002, resultOf } from '../results/documents.ts';
import { randomRun } from '../results/random-runs.ts';
import type { SimulatedRun } from './simulated-run.ts';

/** A request that changes something. */
export interface Change {
  readonly method: string;
  /** Below the root of the API. */
  readonly path: string;
  readonly body: unknown;
}

/** Refuses some requests of one test; undefined leaves them to the usual answers. */
export type Refusals = (method: string, path: string) => ApiError | undefined;

const HEADERS = securityHeaders([]);
let page: Promise<Page> | undefined;

/** Of all controls of this process: its files are the same, and to pack them takes longer than most answers. */
function sharedPage(): Promise<Page> {
  page ??= pageFiles().then((files) => new Page(files, HEADERS));
  return page;
}

/** A page that has lost its stream comes back after this; control says two seconds. */
const RETRY_SOON = Buffer.from('retry: 200\n\n');

/**
 * Control's HTTP API with one simulated run behind it, second by second as the test says. Requests take the way of the real
 * one, and what goes out has passed the schemas that its clients are promised: the page is given nothing beyond them.
 */
export class FakeControl {
  readonly run: SimulatedRun;
  readonly changes: Change[] = [];
  refusals: Refusals = () => undefined;
  /** Where the run is; `none`: there is no run. */
  state = 'waiting';
  /** The newest second. */
  newest = -1;
  paused = false;
  /** Once it has finished. */
  verdict = 'pass';
  notes: { note: string; tags: string[] } = { note: '', tags: [] };
  /** Ids of runs that have ended before: they are shown where runs are compared. */
  ended: readonly string[] = [];
  /** Whether runs are started here, as where control has plans. */
  canStart = true;
  /** Answers of one test in place of the usual ones. */
  answers: Partial<Record<RouteName, (asked: Asked) => unknown>> = {};
  /** What control has logged. */
  readonly logged: { at: string; level: string; text: string; runId: string | null }[] = [];
  /** How often a stream of the run was opened. */
  streams = 0;
  readonly #open = new Set<EventClient>();
  readonly #pages = new Set<EventClient>();
  readonly #told = new ToldAgents();
  readonly #openStreams = new OpenStreams(systemClock);
  readonly #joins = new EventEmitter();
  #listener: WebListener | undefined;
  #n = 0;

  constructor(run: SimulatedRun) {
    this.run = run;
  }

  async listen(port = 0): Promise<string> {
    const page = await sharedPage();
    const { role } = this.run.shape;
    const caller: WebCaller = { role, session: undefined, expiresAt: undefined, isWithdrawn: () => false };
    const router = new Router({
      handlers: this.#handlers(),
      access: { ...loopbackAccess, callerOf: async () => caller },
      isOwnHost,
      origin: { scheme: 'http', allowed: [] },
      streams: this.#openStreams,
      clock: systemClock,
      // What a handler has not foreseen, such as an answer that is not as its schema says, ends the test.
      log: (line) => {
        throw new Error(line);
      },
      page: (path, request, response) => page.serve(path, request, response),
      headers: HEADERS,
    });
    this.#listener = await listenForWeb({ host: '127.0.0.1', port }, undefined, (request, response) => {
      void router.serve(request, response);
    });
    return `http://127.0.0.1:${this.#listener.port}`;
  }

  async close(): Promise<void> {
    for (const client of [...this.#open, ...this.#pages]) client.cutOff();
    this.#openStreams.close();
    const listener = this.#listener;
    this.#listener = undefined;
    await listener?.close();
  }

  /** Waits until a stream of the run was opened this often. */
  async untilStreams(count: number): Promise<void> {
    while (this.streams < count) await once(this.#joins, 'join');
  }

  /** Waits until a page hears what is told to pages, of whatever run. */
  async untilPage(): Promise<void> {
    while (this.#pages.size === 0) await once(this.#joins, 'join');
  }

  emit(event: RunEventName, data: unknown): void {
    for (const client of this.#open) this.#send(client, event, data);
  }

  /** To pages, of whatever run. */
  emitPage<Event extends keyof typeof pageEvents>(event: Event, data: unknown): void {
    const frame = eventFrame(event, pageEvents[event].parse(data));
    for (const client of this.#pages) client.send(frame);
  }

  go(state: string): void {
    this.state = state;
    if (state === 'running') this.emit('hello', this.run.hello(state, this.newest));
    this.emit('state', { state, ...shownReason('') });
    this.emitPage('run', this.#summary());
  }

  /** Emits seconds up to this one. */
  advance(until: number): void {
    while (this.newest < until) {
      this.newest++;
      this.emit('second', this.run.second(this.newest, this.paused));
      if ([1, 2, 5].includes(this.newest) || this.newest % 10 === 0)
        this.emit('percentiles', this.run.percentiles(this.newest));
      if (this.newest % 2 === 0) this.#emitAgents();
    }
  }

  /** Those rows that control would tell again. */
  #emitAgents(): void {
    const { total, rows } = runEvents.agents.parse(this.run.agents(this.newest));
    const news = this.#told.news(rows);
    if (news.length > 0) this.emit('agents', { total, rows: news });
  }

  /** Lets the run be at this second, without having emitted those before. */
  jump(second: number): void {
    this.state = 'running';
    this.newest = second;
  }

  result(): unknown {
    const root = `${API_ROOT}/runs/${this.run.shape.runId}`;
    return {
      verdict: this.verdict,
      reasons: [],
      url: `${root}/result`,
      reports: { html: `${root}/reports/html`, csv: `${root}/reports/csv`, junit: `${root}/reports/junit` },
    };
  }

  #send(client: EventClient, event: RunEventName, data: unknown): void {
    client.send(eventFrame(event, runEvents[event].parse(data), `${this.newest}.${this.#n++}`));
  }

  #summary(): unknown {
    const { runId, name } = this.run.shape;
    const verdict = this.state === 'finished' ? this.verdict : '';
    return {
      runId,
      name,
      state: this.state,
      createdAt: '2026-11-30T05:00:00.000Z',
      verdict,
      ...shownReason(''),
      ...this.notes,
    };
  }

  #handlers(): Handlers {
    const streams: Partial<Record<RouteName, (client: EventClient) => void>> = {
      pageEvents: (client) => this.#join(client, this.#pages),
      log: (client) => {
        this.#join(client, new Set());
        for (const line of this.logged) client.send(eventFrame('line', line));
      },
      runEvents: (client) => this.#runStream(client),
    };
    const handlerOf = (name: RouteName, route: Route) => {
      return (asked: Asked): Answer => {
        const path = route.path.replaceAll(/\{(\w+)\}/g, (_, part: string) => asked.params[part] ?? '');
        if (route.method !== 'GET') this.changes.push({ method: route.method, path, body: asked.body });
        const refusal = this.refusals(route.method, path);
        if (refusal !== undefined) throw refusal;
        const events = streams[name];
        if (events !== undefined) return { events };
        const json = (this.answers[name] ?? ((same: Asked) => this.#answer(name, same)))(asked);
        if (json === undefined || typeof route.answer === 'string') throw new ApiError(404, `there is no ${path}`);
        return { json: route.answer.parse(json) };
      };
    };
    return Object.fromEntries(
      Object.entries(routes).map(([name, route]) => [name, handlerOf(name as RouteName, route)]),
    ) as unknown as Handlers;
  }

  #join(client: EventClient, members: Set<EventClient>): void {
    members.add(client);
    client.onClose(() => members.delete(client));
    client.send(RETRY_SOON);
    this.#joins.emit('join');
  }

  #runStream(client: EventClient): void {
    this.streams++;
    this.#join(client, this.#open);
    this.#send(client, 'hello', this.run.hello(this.state, this.newest));
    this.#send(client, 'state', { state: this.state, ...shownReason('') });
    if (this.state === 'finished') {
      this.#send(client, 'result', this.result());
      this.#send(client, 'end', {});
      return;
    }
    if (this.newest < 0) return;
    this.#send(client, 'percentiles', this.run.percentiles(this.newest));
    this.#send(client, 'second', this.run.second(this.newest, this.paused));
    this.#send(client, 'agents', this.run.agents(this.newest));
  }

  /** @returns undefined for what this control has not */
  #answer(name: RouteName, { params, query, body }: Asked): unknown {
    const { runId, role, agents } = this.run.shape;
    if (params.id !== undefined && params.id !== runId && !this.ended.includes(params.id)) return undefined;
    switch (name) {
      case 'session':
        return { role, login: 'none', expiresAt: null };
      case 'info':
        return {
          v: 1,
          version: '0.1.0',
          role,
          canStart: this.canStart && role === 'operator',
          hasPlans: true,
          reports: ['html', 'csv'],
          languages: ['en', 'zh-CN'],
          agents: { here: agents, idle: 0 },
          now: '2026-11-30T05:00:00.000Z',
        };
      case 'plans':
        return {
          plans: [
            { file: 'upload.yaml', outline: OUTLINE, problems: [] },
            { file: 'broken.yaml', outline: null, problems: [PROBLEM] },
          ],
        };
      case 'checkPlan':
        return isBroken(body as PlanSource)
          ? { ok: false, outline: null, problems: [PROBLEM] }
          : { ok: true, outline: OUTLINE, problems: [] };
      case 'runs':
        return { runs: this.state === 'none' ? [] : [this.#summary()], after: null };
      case 'run':
        if (this.state === 'none') return undefined;
        return { ...(this.#summary() as object), isLive: this.state !== 'finished', reports: {} };
      case 'changeRun':
        this.notes = { ...this.notes, ...(body as Partial<FakeControl['notes']>) };
        this.emitPage('run', this.#summary());
        return this.#answer('run', { params } as Asked);
      case 'startRun':
        return { runId, url: `${API_ROOT}/runs/${runId}` };
      case 'agents':
        return { agents: [], after: null };
      case 'runAgents':
        return { agents: this.newest < 0 ? [] : this.run.agents(this.newest).rows, after: null };
      case 'runFailures':
        return { failures: this.run.percentiles(Math.max(0, this.newest)).failures };
      // What it shows after its end has nothing to do with what was simulated.
      case 'runView':
        return makeView(resultOf(DOCUMENT_002), (query as z.infer<typeof viewQuery>).lang);
      case 'comparisonView': {
        const { runs, lang, force } = query as z.infer<typeof compareQuery>;
        if (runs.includes(OTHER_LOAD) && !force) throw new ApiError(409, 'not the same load');
        return makeComparisonView(COMPARISON, lang);
      }
      case 'runReports':
        return {
          reports: [
            { format: 'html', files: ['report.html'] },
            { format: 'csv', files: ['stats.csv', 'history.csv'] },
          ],
        };
      case 'runTimeline':
        return this.#timeline(query as z.infer<typeof timelineQuery>);
      case 'stopRun':
        return {};
      case 'changeLoad':
        return { atUs: (this.newest + 1) * 1e6 };
      default:
        return undefined;
    }
  }

  #timeline({ from, to = this.newest, step = 1, operations }: z.infer<typeof timelineQuery>): unknown {
    const all = this.run.operations().map((_, i) => i);
    const asked = operations === 'all' ? all : (operations?.split(',') ?? []).map(Number);
    return this.run.timeline(from, Math.min(to, this.newest), step, asked);
  }
}

const TARGET = { seconds: 30, meanUs: 10_000, secondSpread: 0.03, persistence: 0.5, runSpread: 0 };
const COMPARISON = compareRuns([randomRun(TARGET, 1)], [randomRun({ ...TARGET, meanUs: 15_000 }, 2)], {
  tolerance: 0,
  trustsAll: false,
});
/** Part of the id of a run whose load was another one. */
const OTHER_LOAD = 'other';

const OUTLINE = {
  name: 'upload',
  target: 'http://shop.example:5002',
  plannedUs: 900e6,
  warmupUs: 5e6,
  scenarios: [
    {
      name: 'devices',
      executor: 'ramping-vus',
      operations: ['测试数据上传接口', '服务健康检查'],
      level: 100,
      of: 'vus',
    },
  ],
  thresholds: ['p95 < 200ms'],
  params: [],
  notices: [],
};

const PROBLEM = {
  line: 7,
  path: 'scenarios.devices.duraton',
  message: 'The key is not known.',
  hint: 'Did you mean `duration`?',
};

interface PlanSource {
  readonly file?: string;
  readonly text?: string;
}

function isBroken({ file, text = '' }: PlanSource): boolean {
  return file === 'broken.yaml' || text.includes('broken');
}
