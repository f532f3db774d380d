import { create } from '@bufbuild/protobuf';
import type { z } from 'zod';
import {
  GetRunRequestSchema,
  type GetRunResponse,
  ListRunsRequestSchema,
  type ListRunsResponse,
  RunState as WireState,
} from '../../../proto/gen/bench/v1/run_pb.ts';
import { readRunSummary } from '../../../proto/stored-run.ts';
import { stateOfWire } from '../../control/run/run-state.ts';
import type { StoredRun } from '../../control/store/run-store.ts';
import { oneLine } from '../../text/printable.ts';
import type { run, runList } from '../api/bodies.ts';
import type { runsQuery } from '../api/routes.ts';
import { type runSummary, verdict as verdictSchema } from '../api/run-summary.ts';
import { ApiError } from '../api-error.ts';
import type { Asked } from '../exchange.ts';
import { shownReason } from '../live/event.ts';
import { callOf, type WebServices } from './services.ts';

type RunSummary = z.infer<typeof runSummary>;
/** In one language: sentences are looked up only for what is sent. */
type Listed = Omit<RunSummary, 'reasonTexts'>;
type Summary = ListRunsResponse['runs'][number];

/** As a run stands in lists and events. */
export function shownRun({ state, verdict, tags, isDamaged: _, ...run }: StoredRun): RunSummary {
  return withTexts({ ...run, state: state as RunSummary['state'], verdict: shownVerdict(verdict), tags: [...tags] });
}

export async function listRuns(asked: Asked<z.infer<typeof runsQuery>>, { control }: WebServices) {
  const { q = '', state, verdict, tag, after, limit } = asked.query;
  const listed = await control.runs.listRuns(create(ListRunsRequestSchema), callOf(asked));
  const text = q.toLowerCase();
  // A run may have another state than when it was listed: what follows it is found before others are left out.
  const next = runsFollowing(((listed.runs ?? []) as Summary[]).map(shownMessage), after);
  const found = next.filter((run) => {
    if (state !== undefined && run.state !== state) return false;
    if (verdict !== undefined && run.verdict !== verdict) return false;
    if (tag !== undefined && !run.tags.includes(tag)) return false;
    return [run.name, run.note, run.runId, ...run.tags].some((shown) => shown.toLowerCase().includes(text));
  });
  const { runs, after: last } = pageOf('runs', found, placeOf, limit);
  return { json: { runs: runs.map(withTexts), after: last } satisfies z.infer<typeof runList> };
}

/** @throws {RpcError} when there is no such run */
export async function summaryOf(asked: Asked, { control }: WebServices): Promise<RunSummary> {
  const { id: runId = '' } = asked.params;
  const messages = control.runs.getRun(create(GetRunRequestSchema, { runId }), callOf(asked));
  return withTexts(shownMessage(await readRunSummary(messages as AsyncIterable<GetRunResponse>)));
}

export async function showRun(asked: Asked, services: WebServices) {
  const { id = '' } = asked.params;
  const { control, reports } = services;
  const summary = await summaryOf(asked, services);
  const isLive = control.observed(id) !== undefined;
  const json: z.infer<typeof run> = {
    ...summary,
    isLive,
    reports: summary.state === 'finished' ? reportAddresses(id, reports.formats) : {},
  };
  return { json };
}

export function reportAddresses(runId: string, formats: readonly string[]): Record<string, string> {
  return Object.fromEntries(formats.map((format) => [format, `/api/v1/runs/${runId}/reports/${format}`]));
}

/** @param after the key of the last item that was told before @throws {ApiError} when there is no such item */
export function following<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  after: string | undefined,
): readonly Item[] {
  if (after === undefined) return items;
  const at = items.findIndex((item) => keyOf(item) === after);
  if (at < 0) throw nothingCalled(after);
  return items.slice(at + 1);
}

function nothingCalled(after: string): ApiError {
  return new ApiError(
    400,
    `nothing here is called ${oneLine(after, 40)}: give what the answer before had as \`after\``,
  );
}

/** The first part of a list, and after which item the next one begins. */
export function pageOf<Item, Name extends string>(
  name: Name,
  items: readonly Item[],
  keyOf: (item: Item) => string,
  limit: number,
): { [Key in Name]: Item[] } & { after: string | null } {
  const part = items.slice(0, limit);
  const last = part.at(-1);
  const hasMore = last !== undefined && limit < items.length;
  return { [name]: part, after: hasMore ? keyOf(last) : null } as { [Key in Name]: Item[] } & { after: string | null };
}

/** Where a run stands in the list. By its id alone, nobody could go on behind a run that was deleted meanwhile. */
function placeOf({ createdAt, runId }: Listed): string {
  return `${createdAt}_${runId}`;
}

/** @param runs the newest first @param after the place of the last one that was told before @throws {ApiError} when it is no place */
function runsFollowing(runs: readonly Listed[], after: string | undefined): readonly Listed[] {
  if (after === undefined || runs.some((run) => placeOf(run) === after)) return following(runs, placeOf, after);
  const [createdAt = ''] = after.split('_', 1);
  if (!Number.isFinite(Date.parse(createdAt))) throw nothingCalled(after);
  // A run of the same millisecond may be listed twice, which is better than to leave it out.
  return runs.filter((run) => run.createdAt <= createdAt);
}

function withTexts(run: Listed): RunSummary {
  return { ...run, ...shownReason(run.reason) };
}

function shownMessage({ runId, name, state, createdAt, verdict, reason, note, tags }: Summary): Listed {
  const kind = stateOfWire(state ?? WireState.UNSPECIFIED) ?? 'failed';
  return { runId, name, state: kind, createdAt, verdict: shownVerdict(verdict), reason, note, tags };
}

function shownVerdict(verdict: string): RunSummary['verdict'] {
  return verdictSchema.safeParse(verdict).data ?? '';
}
