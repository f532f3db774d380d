import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pageFiles } from '../../../reports/live/page-files.ts';
import { makeView } from '../../../reports/view.ts';
import { DOCUMENT_002, resultOf } from '../results/documents.ts';
import type { SimulatedRun } from './simulated-run.ts';

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** A request that changes something. */
export interface Change {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
}

/** Answers of one test in place of the usual ones; undefined leaves it to them. */
export type Answers = (
  method: string,
  path: string,
  body: Record<string, unknown>,
) => { status: number; body: unknown } | undefined;

/**
 * Stands for control's HTTP API: serves the page and one simulated run, second by second as the test says. What the real API
 * answers is tested with the server; here the page is.
 */
export class FakeControl {
  readonly run: SimulatedRun;
  readonly changes: Change[] = [];
  answers: Answers = () => undefined;
  /** Where the run is. */
  state = 'waiting';
  /** The newest second. */
  newest = -1;
  paused = false;
  /** How often a stream of the run was opened. */
  streams = 0;
  readonly #open = new Set<ServerResponse>();
  readonly #pages = new Set<ServerResponse>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #files = new Map<string, { type: string; content: string }>();
  #n = 0;

  constructor(run: SimulatedRun) {
    this.run = run;
  }

  async listen(port = 0): Promise<string> {
    this.#files = new Map((await pageFiles()).map(({ path, type, content }) => [path, { type, content }]));
    await new Promise<void>((listening) => this.#server.listen(port, '127.0.0.1', listening));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  /** Cuts the streams, as a control that is killed does. */
  cut(): void {
    for (const response of this.#open) response.destroy();
  }

  emit(event: string, data: unknown): void {
    for (const response of this.#open) this.#send(response, event, data);
  }

  go(state: string): void {
    this.state = state;
    if (state === 'running') this.emit('hello', this.run.hello(state, this.newest));
    this.emit('state', { state, reason: '' });
    for (const response of this.#pages) this.#send(response, 'run', this.#summary());
  }

  /** Emits seconds up to this one. */
  advance(until: number): void {
    while (this.newest < until) {
      this.newest++;
      this.emit('second', this.run.second(this.newest, this.paused));
      if ([1, 2, 5].includes(this.newest) || this.newest % 10 === 0)
        this.emit('percentiles', this.run.percentiles(this.newest));
      if (this.newest % 2 === 0) this.emit('agents', this.run.agents(this.newest));
    }
  }

  /** Lets the run be at this second, without having emitted those before. */
  jump(second: number): void {
    this.state = 'running';
    this.newest = second;
  }

  #send(response: ServerResponse, event: string, data: unknown): void {
    response.write(`id: ${this.newest}.${this.#n++}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #summary(): Record<string, unknown> {
    const { runId, name } = this.run.shape;
    const verdict = this.state === 'finished' ? 'pass' : '';
    return { runId, name, state: this.state, createdAt: '2026-11-30T05:00:00.000Z', verdict, reason: '' };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const method = request.method ?? 'GET';
    if (!url.pathname.startsWith('/api/')) return this.#file(url.pathname, response);
    const path = url.pathname.slice('/api/v1'.length);
    const body = method === 'GET' ? {} : await bodyOf(request);
    if (method !== 'GET') this.changes.push({ method, path, body });
    if (method !== 'GET' && request.headers['x-bench'] !== '1')
      return json(response, 403, { detail: 'The header X-Bench is missing.' });
    const given = this.answers(method, path, body);
    if (given !== undefined) return json(response, given.status, given.body);
    if (path === '/events') return this.#stream(response, this.#pages);
    if (path === '/log') return this.#stream(response, new Set());
    if (path.endsWith('/events')) return this.#runStream(response);
    const found = this.#body(path, url.searchParams, body);
    return found === undefined
      ? json(response, 404, { title: 'Not found', detail: `There is no ${path}.` })
      : json(response, 200, found);
  }

  #file(path: string, response: ServerResponse): void {
    const file = this.#files.get(path) ?? (path.startsWith('/assets/') ? undefined : this.#files.get('/'));
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    response
      .writeHead(200, { 'content-type': file.type, 'content-security-policy': CSP, 'cache-control': 'no-cache' })
      .end(file.content);
  }

  #stream(response: ServerResponse, members: Set<ServerResponse>): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write('retry: 200\n\n');
    members.add(response);
    response.on('close', () => members.delete(response));
  }

  #runStream(response: ServerResponse): void {
    this.#stream(response, this.#open);
    this.streams++;
    this.#send(response, 'hello', this.run.hello(this.state, this.newest));
    this.#send(response, 'state', { state: this.state, reason: '' });
    if (this.state === 'finished') {
      this.#send(response, 'result', this.result());
      this.#send(response, 'end', {});
      return;
    }
    if (this.newest < 0) return;
    this.#send(response, 'percentiles', this.run.percentiles(this.newest));
    this.#send(response, 'second', this.run.second(this.newest, this.paused));
    this.#send(response, 'agents', this.run.agents(this.newest));
  }

  result(): Record<string, unknown> {
    const root = `/api/v1/runs/${this.run.shape.runId}`;
    return {
      verdict: 'pass',
      reasons: [],
      url: `${root}/result`,
      reports: { html: `${root}/reports/html`, csv: `${root}/reports/csv`, junit: `${root}/reports/junit` },
    };
  }

  #body(path: string, query: URLSearchParams, body: Record<string, unknown>): unknown {
    const { runId, role, agents } = this.run.shape;
    const root = `/runs/${runId}`;
    switch (path) {
      case '/session':
        return { role, login: 'none', expiresAt: null };
      case '/info':
        return {
          v: 1,
          version: '0.1.0',
          role,
          canStart: role === 'operator',
          hasPlans: true,
          reports: ['html', 'csv'],
          languages: ['en', 'zh-CN'],
          agents: { here: agents, idle: 0 },
          now: '2026-11-30T05:00:00.000Z',
        };
      case '/plans':
        return {
          plans: [
            { file: 'upload.yaml', outline: OUTLINE, problems: [] },
            { file: 'broken.yaml', outline: null, problems: [PROBLEM] },
          ],
        };
      case '/plans/check':
        return body.file === 'broken.yaml' || String(body.text ?? '').includes('broken')
          ? { ok: false, outline: null, problems: [PROBLEM] }
          : { ok: true, outline: OUTLINE, problems: [] };
      case '/runs':
        return body.file !== undefined || body.text !== undefined
          ? { runId, url: root }
          : { runs: this.state === 'none' ? [] : [this.#summary()], after: null };
      case '/agents':
        return { agents: [], after: null };
      case `${root}/agents`:
        return { agents: this.newest < 0 ? [] : this.run.agents(this.newest).rows, after: null };
      case `${root}/failures`:
        return { failures: this.run.percentiles(Math.max(0, this.newest)).failures };
      // What it shows after its end has nothing to do with what was simulated.
      case `${root}/view`:
        return makeView(resultOf(DOCUMENT_002), query.get('lang') === 'zh-CN' ? 'zh-CN' : 'en');
      case `${root}/reports`:
        return {
          reports: [
            { format: 'html', files: ['report.html'] },
            { format: 'csv', files: ['stats.csv', 'history.csv'] },
          ],
        };
      case `${root}/timeline`:
        return this.#timeline(query);
      case `${root}/stop`:
        return {};
      case `${root}/load`:
        return { atUs: (this.newest + 1) * 1e6 };
      default:
        return undefined;
    }
  }

  #timeline(query: URLSearchParams): unknown {
    const from = Number(query.get('from') ?? 0);
    const to = Math.min(Number(query.get('to') ?? this.newest), this.newest);
    const asked = query.get('operations');
    const operations = asked === null ? [] : asked.split(',').map(Number);
    return this.run.timeline(from, to, Number(query.get('step') ?? 1), operations);
  }
}

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

function json(response: ServerResponse, status: number, body: unknown): void {
  response
    .writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' })
    .end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const piece of request) text += String(piece);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
