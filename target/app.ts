import { Elysia, type ElysiaAdapter } from 'elysia';
import type { WriteQueue } from './batch.ts';
import type { Environment } from './environment.ts';
import { reasonOf, StoreError } from './error.ts';
import { createExposition } from './exposition.ts';
import type { RequestMetrics } from './metrics.ts';
import type { SystemSampler } from './system.ts';
import { healthView, infoView, metricsView, type RequestSources, statsView } from './system-views.ts';
import { BODY_MAX_BYTES, boundedText, type Problem, readUpload } from './upload.ts';
import type { UploadStore } from './upload-store.ts';

/** The parts of the target that the routes use. */
export interface AppParts {
  readonly environment: Environment;
  readonly store: UploadStore;
  readonly queue: WriteQueue;
  readonly requests: RequestMetrics;
  readonly system: SystemSampler;
  /** True while the target stops: answers then ask the client to close its connection. */
  readonly draining: () => boolean;
}

const METHOD_BY_PATH: Readonly<Record<string, string>> = {
  '/api/test/upload': 'POST',
  '/api/test/upload/count': 'GET',
  '/health': 'GET',
  '/api/system/health': 'GET',
  '/api/system/info': 'GET',
  '/api/system/stats': 'GET',
  '/api/system/metrics': 'GET',
  '/metrics': 'GET',
};

const UPLOADED = { code: 200, msg: 'ok' } as const;

type Settings = { status?: number | string; headers: Record<string, string | number> };

/**
 * The routes. Every answer but that of `GET /metrics` is JSON. A stored upload gets 200 `{"code": 200, "msg": "ok"}`
 * after its commit. A failure is `{"code": <status>, "msg": <sentence>}`: 422 for a bad upload, with `errors`, one
 * `{field, message}` for each thing wrong; 503 with `Retry-After` while the database is away, locked or more uploads wait
 * than the queue holds; 500 for a row that the database refuses.
 */
export function createApp(parts: AppParts, adapter?: ElysiaAdapter) {
  const { environment, store, queue, requests, system, draining } = parts;
  const sources = (): RequestSources => ({
    requests,
    queueDepth: queue.depth,
    rowsCommitted: queue.rowsCommitted,
  });
  const exposition = createExposition({ environment, store, sample: () => system.latest, requests: sources });

  async function answer(route: string, set: Settings, work: () => unknown): Promise<unknown> {
    const startedMs = performance.now();
    requests.begin();
    try {
      return await work();
    } catch (error) {
      return failure(set, error);
    } finally {
      if (draining()) set.headers.connection = 'close';
      requests.end(route, Number(set.status ?? 200), performance.now() - startedMs);
    }
  }

  async function upload(request: Request, set: Settings): Promise<unknown> {
    const length = request.headers.get('content-length');
    if (length !== null && Number(length) > BODY_MAX_BYTES)
      return problem(set, 413, `The body has ${length} bytes, at most ${BODY_MAX_BYTES} are read.`);
    const text = length === null ? await boundedText(request.body, BODY_MAX_BYTES) : await request.text();
    if (text === undefined)
      return problem(set, 413, `The body has more than the ${BODY_MAX_BYTES} bytes that are read.`);
    const read = readUpload(request.headers.get('content-type'), text);
    if (!('deviceId' in read)) return refusal(set, read);
    await queue.add(read);
    return UPLOADED;
  }

  async function count(request: Request) {
    const rows = await store.count(new URL(request.url).searchParams.get('prefix') ?? '');
    let total = 0;
    for (const deviceRows of rows.values()) total += deviceRows;
    return { total, devices: Object.fromEntries(rows) };
  }

  async function health() {
    await store.ping();
    return { status: 'ok', database: store.version };
  }

  function systemHealth(set: Settings) {
    const view = healthView(environment, system.latest);
    if (view.status !== 'ok') set.status = 503;
    return view;
  }

  // A Response: Elysia's adapter for Node would set the content type of a plain string itself.
  async function metricsPage(): Promise<Response> {
    return new Response(await exposition.metrics(), { headers: { 'content-type': exposition.contentType } });
  }

  // Otherwise Elysia takes a host of one to three characters as the beginning of the path.
  return new Elysia({ ...(adapter && { adapter }), handler: { standardHostname: false } })
    .post('/api/test/upload', ({ request, set }) => answer('/api/test/upload', set, () => upload(request, set)), {
      parse: 'none',
    })
    .get('/api/test/upload/count', ({ request, set }) => answer('/api/test/upload/count', set, () => count(request)))
    .get('/health', ({ set }) => answer('/health', set, health))
    .get('/api/system/health', ({ set }) => answer('/api/system/health', set, () => systemHealth(set)))
    .get('/api/system/info', ({ set }) => answer('/api/system/info', set, () => infoView(environment, store)))
    .get('/api/system/stats', ({ set }) =>
      answer('/api/system/stats', set, () => statsView(environment, system.latest)),
    )
    .get('/api/system/metrics', ({ set }) =>
      answer('/api/system/metrics', set, () => metricsView(environment, system.latest, sources())),
    )
    .get('/metrics', ({ set }) => answer('/metrics', set, metricsPage))
    .onError(({ code, error, request, path, set }) =>
      answer('unmatched', set, () =>
        code === 'NOT_FOUND' ? unmatched(set, request.method, path) : failure(set, error),
      ),
    );
}

function unmatched(set: Settings, method: string, path: string) {
  const allowed = Object.hasOwn(METHOD_BY_PATH, path) ? METHOD_BY_PATH[path] : undefined;
  if (allowed === undefined) return problem(set, 404, `There is no ${path} here.`);
  set.headers.allow = allowed;
  return problem(set, 405, `${path} takes ${allowed}, not ${method}.`);
}

function refusal(set: Settings, errors: readonly Problem[]) {
  const sentence = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  return { ...problem(set, 422, `The upload is refused: ${sentence}.`), errors };
}

function failure(set: Settings, error: unknown) {
  if (!(error instanceof StoreError)) return problem(set, 500, `The target failed: ${reasonOf(error)}.`);
  if (error.kind === 'refused') return problem(set, 500, `The row was not stored: ${error.message}.`);
  set.headers['retry-after'] = 1;
  return problem(set, 503, `The database cannot be used now: ${error.message}.`);
}

function problem(set: Settings, status: number, msg: string) {
  set.status = status;
  return { code: status, msg };
}
