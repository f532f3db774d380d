import type { z } from 'zod';
import { liveRows } from '../../control/results/live-rows.ts';
import type { ReportFile } from '../../plugin.ts';
import type { RunResult } from '../../stats/result.ts';
import { printableDocument } from '../../text/printable.ts';
import type { Lang } from '../../verdict/messages/lang.ts';
import type { failures, reportList, runAgents, runPlan } from '../api/bodies.ts';
import type { agentsQuery, reportQuery, reportsQuery, timelineQuery, viewQuery } from '../api/routes.ts';
import { ApiError } from '../api-error.ts';
import type { Answer, Asked } from '../exchange.ts';
import { type AgentRow, agentRows } from '../live/agent-rows.ts';
import { liveFailures, resultFailures } from '../live/failures.ts';
import type { EndedRuns } from './ended-runs.ts';
import { following, pageOf } from './run-list.ts';
import { callOf, type WebServices } from './services.ts';
import { endedSource, liveSource, timelineOf } from './timeline.ts';

export async function showPlan(asked: Asked, services: WebServices): Promise<Answer> {
  const { id = '' } = asked.params;
  const observed = services.control.observed(id);
  const plan = observed?.run.spec.input ?? (await services.ended.needed(id, callOf(asked))).plan;
  return { json: { plan } satisfies z.infer<typeof runPlan> };
}

export async function showFailures(asked: Asked, services: WebServices): Promise<Answer> {
  const { id = '' } = asked.params;
  const observed = services.control.observed(id);
  const found =
    observed === undefined
      ? resultFailures(await services.ended.needed(id, callOf(asked)))
      : liveFailures(observed.run, liveRows(observed.run));
  return { json: { failures: found } satisfies z.infer<typeof failures> };
}

export async function showRunAgents(asked: Asked<z.infer<typeof agentsQuery>>, services: WebServices): Promise<Answer> {
  const { params, query } = asked;
  const { id = '' } = params;
  const observed = services.control.observed(id);
  const rows =
    observed === undefined
      ? endedAgents(await services.ended.needed(id, callOf(asked)))
      : observed.parts === undefined
        ? []
        : agentRows(observed.run, observed.parts);
  const nameOf = ({ name }: AgentRow) => name;
  const next = following(rows, nameOf, query.after);
  const json: z.infer<typeof runAgents> = pageOf('agents', next, nameOf, query.limit);
  return { json };
}

/** The figures are those of the busiest second: there is no newest one. */
function endedAgents({ agents, timeline }: Awaited<ReturnType<EndedRuns['needed']>>): AgentRow[] {
  return agents.map((agent) => ({
    name: agent.name,
    state: agent.closingTotals === 'missing' ? 'lost' : 'ended',
    host: agent.environment.host,
    vus: 0,
    cpuCores: agent.processCpuCores.max,
    hostCpu: agent.hostCpuShare.max,
    memoryBytes: agent.processMemoryBytes.max,
    lagUs: agent.loopLagUs.max,
    clockOffsetUs: agent.clockOffsetUs,
    clockUncertaintyUs: agent.clockUncertaintyUs,
    second: timeline.all.requests.length - 1,
  }));
}

export async function showTimeline(
  asked: Asked<z.infer<typeof timelineQuery>>,
  services: WebServices,
): Promise<Answer> {
  const { id = '' } = asked.params;
  const observed = services.control.observed(id);
  const source =
    observed === undefined ? endedSource(await services.ended.needed(id, callOf(asked))) : liveSource(observed);
  return { json: timelineOf(source, asked.query) };
}

export async function showResult(asked: Asked, services: WebServices): Promise<Answer> {
  const { id = '' } = asked.params;
  const result = await services.ended.needed(id, callOf(asked));
  return downloadOf({ name: `${id}.json`, content: textOf(result, 'result', () => result) });
}

/** Minus infinity, by which a cell without a value is sorted, becomes null in JSON. */
export async function showView(asked: Asked<z.infer<typeof viewQuery>>, services: WebServices): Promise<Answer> {
  const { params, query } = asked;
  const result = await services.ended.needed(params.id ?? '', callOf(asked));
  const content = textOf(result, `view ${query.lang}`, () => services.reports.view(result, query.lang));
  return { content, type: TYPES.json as string };
}

/** What is sent of a result. However many ask for it, it is made once, and is in memory once. It goes with the result. */
const texts = new WeakMap<RunResult, Map<string, string>>();

function textOf(result: RunResult, what: string, make: () => unknown): string {
  const made = texts.get(result) ?? new Map<string, string>();
  texts.set(result, made);
  const text = made.get(what) ?? printableDocument(JSON.stringify(make()));
  made.set(what, text);
  return text;
}

type ReportsAsked = Asked<z.infer<typeof reportsQuery>>;

export async function listReports(asked: ReportsAsked, services: WebServices): Promise<Answer> {
  const { result } = await reported(asked, services);
  const { reports: provider } = services;
  const reports = [];
  for (const format of provider.formats) {
    reports.push({ format, files: (await provider.render(format, result, 'en')).map(({ name }) => name) });
  }
  return { json: { reports } satisfies z.infer<typeof reportList> };
}

const TYPES: Readonly<Record<string, string>> = {
  csv: 'text/csv; charset=utf-8',
  html: 'text/html; charset=utf-8',
  json: 'application/json; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  xml: 'application/xml; charset=utf-8',
};

export async function showReport(asked: Asked<z.infer<typeof reportQuery>>, services: WebServices): Promise<Answer> {
  const { format = '' } = asked.params;
  const { reports } = services;
  const { formats } = reports;
  if (!formats.includes(format)) {
    throw new ApiError(404, `there is no report ${format}: there are ${formats.join(', ')}`);
  }
  const { result, isPartial } = await reported(asked, services);
  const { lang, file: wanted } = asked.query;
  const files = await reports.render(format, result, lang satisfies Lang);
  const found = wanted === undefined ? files[0] : files.find(({ name }) => name === wanted);
  if (found === undefined) {
    throw new ApiError(
      404,
      `the report ${format} has no such file: it has ${files.map(({ name }) => name).join(', ')}`,
    );
  }
  return downloadOf(isPartial ? { ...found, name: found.name.replace(/(?=\.[^.]*$)/, '.partial') } : found);
}

/** The result of a run that has ended; of one that goes on only for whoever knows that it is not whole. */
async function reported(asked: ReportsAsked, services: WebServices) {
  const { id = '' } = asked.params;
  const observed = asked.query.partial ? services.control.observed(id) : undefined;
  if (observed !== undefined) return { result: services.interim.result(observed), isPartial: true };
  return { result: await services.ended.needed(id, callOf(asked)), isPartial: false };
}

/** It is saved and not shown: a report has scripts of its own, and they are none of this server's. */
export function downloadOf({ name, content }: ReportFile): Answer {
  const type = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'text/plain; charset=utf-8';
  const safe = name.replaceAll(/[^\w.-]/g, '_');
  return { content, type, headers: { 'content-disposition': `attachment; filename="${safe}"` } };
}
