/** What a caller may know of a control beside its runs: as whom it knows the caller, what it is, its agents, its plans and its log. */
import { create } from '@bufbuild/protobuf';
import type { z } from 'zod';
import { ListAgentsRequestSchema } from '../../../proto/gen/bench/v1/run_pb.ts';
import type { ControlCore } from '../../control/control-plane.ts';
import { VERSION } from '../../version.ts';
import type { agentList, info, pageEvents, planCheckRequest, session, sessionRequest } from '../api/bodies.ts';
import type { agentsQuery } from '../api/routes.ts';
import { ApiError, judgedIn } from '../api-error.ts';
import type { Answer, Asked } from '../exchange.ts';
import type { WebCaller } from '../gate/access.ts';
import { eventFrame } from '../stream/sse-frame.ts';
import { pageOf } from './run-list.ts';
import { callOf, type WebServices } from './services.ts';

type Session = z.infer<typeof session>;

export async function showSession({ headers, address }: Asked, { access }: WebServices): Promise<Answer> {
  const caller = await access.callerOf(headers, address);
  return { json: sessionOf(caller, access.login) };
}

export async function logIn(
  { body, address }: Asked<unknown, z.infer<typeof sessionRequest>>,
  { access }: WebServices,
): Promise<Answer> {
  const { caller, cookie } = await access.logIn(body.token, address);
  return { json: sessionOf(caller, access.login), headers: { 'set-cookie': cookie } };
}

export async function logOut({ headers }: Asked, { access }: WebServices): Promise<Answer> {
  return { json: {}, headers: { 'set-cookie': await access.logOut(headers) } };
}

function sessionOf(caller: WebCaller | undefined, login: Session['login']): Session {
  return { role: caller?.role ?? null, login, expiresAt: caller?.expiresAt ?? null };
}

export async function showInfo(asked: Asked, services: WebServices): Promise<Answer> {
  const { control, plans, reports, clock } = services;
  const { role } = asked.caller;
  const json: z.infer<typeof info> = {
    v: 1,
    version: VERSION,
    role,
    canStart: plans !== undefined && role === 'operator',
    hasPlans: plans?.hasFolder ?? false,
    reports: [...reports.formats],
    languages: ['en', 'zh-CN'],
    agents: agentCounts(control),
    now: new Date(clock.epochMs()).toISOString(),
  };
  return { json };
}

export async function listAgents(asked: Asked<z.infer<typeof agentsQuery>>, { control }: WebServices): Promise<Answer> {
  const { agents: here = [] } = await control.runs.listAgents(create(ListAgentsRequestSchema), callOf(asked));
  const agents = here.map(({ name = '', environment, labels, runId = '' }) => ({
    name,
    host: environment?.host ?? '',
    os: environment?.os ?? '',
    runtime: environment?.runtime ?? '',
    cpus: environment?.cpus ?? 0,
    memoryBytes: environment?.memoryBytes ?? 0,
    labels: { ...labels },
    runId: runId === '' ? null : runId,
  }));
  const { after = '', limit } = asked.query;
  // They are in the order of their names, so that it does not matter if the one that was last has left.
  const next = agents.filter(({ name }) => name > after);
  const json: z.infer<typeof agentList> = pageOf('agents', next, ({ name }) => name, limit);
  return { json };
}

export function agentCounts({ stateCounts }: Pick<ControlCore, 'stateCounts'>): z.infer<typeof pageEvents.agents> {
  const { idle = 0, running = 0 } = stateCounts().agents;
  return { here: idle + running, idle };
}

export async function listPlans({ lang }: Asked, { plans }: WebServices): Promise<Answer> {
  const listed = await plans?.list();
  return { json: { plans: (listed?.plans ?? []).map((plan) => judgedIn(plan, lang)) } };
}

export async function checkPlan(
  { body, lang }: Asked<unknown, z.infer<typeof planCheckRequest>>,
  { plans }: WebServices,
): Promise<Answer> {
  if (plans === undefined) throw new ApiError(409, 'this control belongs to one run and takes no other plans');
  return { json: judgedIn(await plans.check(body), lang) };
}

export function logStream(_: Asked, { log }: WebServices): Answer {
  return {
    events: (client) => {
      client.begin(log.lines.map((line) => eventFrame('line', line)));
      client.onClose(log.watch((line) => client.send(eventFrame('line', line), true)));
    },
  };
}
