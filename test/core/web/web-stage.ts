import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Test } from 'tap';
import type { z } from 'zod';
import { renderComparison } from '../../../core/cli/files/comparison-files.ts';
import { BuiltinReportProvider } from '../../../core/cli/web/report-provider.ts';
import type { RunResult } from '../../../core/stats/result.ts';
import { type RouteName, routes } from '../../../core/web/api/routes.ts';
import { LogFeed } from '../../../core/web/log-feed.ts';
import type { PlanProvider, ReportProvider } from '../../../core/web/providers.ts';
import { serveWeb, type WebOptions } from '../../../core/web/web-server.ts';
import { makeView } from '../../../reports/view.ts';
import type { FakeClock } from '../../../testing/fake-clock.ts';
import { sceneClock } from '../control/scene/scene-clock.ts';
import { longPlan, type Stage, type StageOptions, stage } from '../control/scene/stage.ts';

/** Takes any text for the plan of all tests; a file is never found. */
export const fakePlans: PlanProvider = {
  hasFolder: true,
  list: async () => ({ plans: [] }),
  check: async () => ({ ok: true, outline: null, problems: [] }),
  prepare: async () => ({ json: JSON.stringify(longPlan(60)), baseDirectory: '/plans', bundle: [] }),
};

export const fakeReports: ReportProvider = {
  formats: ['json', 'csv'],
  readResult: (json) => JSON.parse(json) as RunResult,
  render: async (format, { runId }) =>
    ['a', 'b'].map((name) => ({ name: `${name}.${format}`, content: `${name} of ${runId}` })),
  view: makeView,
  comparisonView: new BuiltinReportProvider().comparisonView,
  comparisonFormats: ['json', 'markdown'],
  renderComparison,
};

export interface Served {
  readonly scene: Stage;
  readonly clock: FakeClock;
  readonly url: string;
  /** Without the gate's own headers: they are given as they are. */
  ask(method: string, path: string, options?: AskOptions): Promise<Told>;
  get(path: string): Promise<Told>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Told>;
}

/** What the schema of the route makes of an answer: the same, or it throws. */
export function valid(name: RouteName, { status, json }: Told): Told['json'] {
  const { answer, status: wanted } = routes[name];
  if (status !== wanted) throw new Error(`${name}: ${status} ${JSON.stringify(json)}`);
  return (answer as z.ZodType).parse(json) as Told['json'];
}

export interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Told {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests compare what came with what they want
  readonly json: any;
}

/** Control on a fake clock, with its HTTP API on a real port of loopback. */
export async function served(
  t: Pick<Test, 'teardown'>,
  options: Partial<WebOptions> = {},
  stageOptions: StageOptions = {},
): Promise<Served> {
  const clock = stageOptions.clock ?? sceneClock();
  const scene = await stage(t, { ...stageOptions, clock });
  const web = await serveWeb({
    control: scene.control,
    listen: { host: '127.0.0.1', port: 0 },
    plans: fakePlans,
    reports: fakeReports,
    logFeed: new LogFeed(clock),
    clock,
    log: () => {},
    ...options,
  });
  t.teardown(() => web.close());
  const { url } = web;
  const ask = (method: string, path: string, wanted: AskOptions = {}) => asked(url, method, path, wanted);
  const own = { 'content-type': 'application/json', 'x-bench': '1' };
  return {
    scene,
    clock,
    url,
    ask,
    get: (path) => ask('GET', `/api/v1${path}`),
    post: (path, body, headers = {}) =>
      ask('POST', `/api/v1${path}`, { headers: { ...own, ...headers }, body: JSON.stringify(body) }),
  };
}

function asked(url: string, method: string, path: string, { headers = {}, body }: AskOptions): Promise<Told> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = httpRequest(
      { host: hostname, port, method, path, headers: { ...length, ...headers } },
      (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(pieces).toString();
          const isJson = /json/.test(answer.headers['content-type'] ?? '');
          const json: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
