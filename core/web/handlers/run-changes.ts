import { createHash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import type { z } from 'zod';
import { bundleToMessage } from '../../../proto/bundle-codec.ts';
import {
  ChangeLoadRequestSchema,
  CleanUpRunRequestSchema,
  DeleteRunRequestSchema,
  StartRunRequestSchema,
  StopRunRequestSchema,
  UpdateRunRequestSchema,
} from '../../../proto/gen/bench/v1/run_pb.ts';
import { spokenIn } from '../../verdict/messages/spoken/spoken.ts';
import type { cleanup, loadAnswer, loadRequest, runChange, started, startRequest, stopRequest } from '../api/bodies.ts';
import type { deletionQuery } from '../api/routes.ts';
import { ApiError } from '../api-error.ts';
import type { Answer, Asked } from '../exchange.ts';
import { showRun } from './run-list.ts';
import { callOf, type WebServices } from './services.ts';

type StartBody = z.infer<typeof startRequest>;
type LoadBody = z.infer<typeof loadRequest>;

/** Answers to requests with an `Idempotency-Key`, for whoever did not get the answer and asks again. */
const MAX_KEYS = 1000;

export class RunStarts {
  readonly #services: WebServices;
  /** By caller and key; the oldest first. */
  readonly #answers = new Map<string, { readonly body: string; readonly answer: Promise<Answer> }>();

  constructor(services: WebServices) {
    this.#services = services;
  }

  start(asked: Asked<unknown, StartBody>): Promise<Answer> {
    const key = asked.headers['idempotency-key'];
    if (typeof key !== 'string') return this.#start(asked);
    if (key.length > 200) throw new ApiError(400, 'the header Idempotency-Key has more than 200 characters');
    const name = `${asked.caller.session ?? ''} ${key}`;
    const body = createHash('sha256').update(JSON.stringify(asked.body)).digest('hex');
    const known = this.#answers.get(name);
    if (known !== undefined) {
      if (known.body === body) return known.answer;
      throw new ApiError(422, 'the Idempotency-Key was used for another request before: use a new one');
    }
    const answer = this.#start(asked);
    this.#answers.set(name, { body, answer });
    // A start that has failed may be tried again with the same key.
    answer.catch(() => this.#answers.delete(name));
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= MAX_KEYS) break;
      this.#answers.delete(oldest);
    }
    return answer;
  }

  async #start(asked: Asked<unknown, StartBody>): Promise<Answer> {
    const { control, plans } = this.#services;
    if (plans === undefined) throw new ApiError(409, 'this control belongs to one run and starts no others');
    const { agents = {}, note = '', tags = [], ...source } = asked.body;
    const { json, baseDirectory, bundle } = await plans.prepare(source);
    const request = create(StartRunRequestSchema, {
      plan: { json, baseDirectory, bundle: bundleToMessage(bundle) },
      expectAgents: agents.expect ?? 0,
      agentLabels: agents.labels ?? {},
      elastic: agents.elastic ?? false,
      note,
      tags,
    });
    const { runId = '' } = await control.runs.startRun(request, callOf(asked));
    const url = `/api/v1/runs/${runId}`;
    return { json: { runId, url } satisfies z.infer<typeof started>, headers: { location: url } };
  }
}

export async function changeRun(
  asked: Asked<unknown, z.infer<typeof runChange>>,
  services: WebServices,
): Promise<Answer> {
  const { id: runId = '' } = asked.params;
  const { note, tags } = asked.body;
  if (note === undefined && tags === undefined) {
    throw new ApiError(400, 'the body changes nothing: give `note`, `tags` or both');
  }
  const request = create(UpdateRunRequestSchema, {
    runId,
    ...(note !== undefined && { note }),
    ...(tags !== undefined && { tags: { tags } }),
  });
  await services.control.runs.updateRun(request, callOf(asked));
  return showRun(asked, services);
}

export async function deleteRun(
  asked: Asked<z.infer<typeof deletionQuery>>,
  { control }: WebServices,
): Promise<Answer> {
  const { id: runId = '' } = asked.params;
  await control.runs.deleteRun(create(DeleteRunRequestSchema, { runId, ...asked.query }), callOf(asked));
  return { json: {} };
}

export async function stopRun(
  asked: Asked<unknown, z.infer<typeof stopRequest>>,
  { control }: WebServices,
): Promise<Answer> {
  const { id: runId = '' } = asked.params;
  const { abort = false, reason = 'an operator stopped it over the HTTP API' } = asked.body;
  await control.runs.stopRun(create(StopRunRequestSchema, { runId, reason, abort }), callOf(asked));
  return { json: {} };
}

export async function changeLoad(asked: Asked<unknown, LoadBody>, { control }: WebServices): Promise<Answer> {
  const { id: runId = '' } = asked.params;
  const request = create(ChangeLoadRequestSchema, { runId, change: changeOf(asked.body) });
  const { atUs = 0 } = await control.runs.changeLoad(request, callOf(asked));
  return { json: { atUs } satisfies z.infer<typeof loadAnswer> };
}

function changeOf({ scenario = '', vus, rate, pause, resume, spawnRate = 0 }: LoadBody) {
  if (scenario !== '' && (pause ?? resume) !== undefined) {
    throw new ApiError(400, 'all scenarios are paused and resumed together: leave out `scenario`');
  }
  if ([vus, rate, pause, resume].filter((given) => given !== undefined).length !== 1) {
    throw new ApiError(400, 'the body must say one thing: `vus`, `rate`, `pause` or `resume`');
  }
  if (spawnRate > 0 && (vus ?? rate) === undefined) {
    throw new ApiError(400, '`spawnRate` goes with a level: give `vus` or `rate`');
  }
  if (pause !== undefined) return { case: 'pause', value: {} } as const;
  if (resume !== undefined) return { case: 'resume', value: {} } as const;
  const level = vus === undefined ? { case: 'rate', value: rate ?? 0 } : { case: 'vus', value: vus };
  return { case: 'level', value: { scenario, level, spawnRate } } as Extract<
    NonNullable<Parameters<typeof create<typeof ChangeLoadRequestSchema>>[1]>['change'],
    { case: 'level' }
  >;
}

export async function cleanUp(asked: Asked, { control }: WebServices): Promise<Answer> {
  const { id: runId = '' } = asked.params;
  const { done = [], problems = [] } = await control.runs.cleanUpRun(
    create(CleanUpRunRequestSchema, { runId }),
    callOf(asked),
  );
  const [told, left] = [done, problems].map((texts) => texts.map((text) => spokenIn(text, asked.lang))) as [
    string[],
    string[],
  ];
  return { json: { done: told, problems: left } satisfies z.infer<typeof cleanup> };
}
