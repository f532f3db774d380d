import { parsePlan } from '../../plan/parse.ts';
import type { PlanInput } from '../../plan/schema.ts';
import type { RunResult } from '../../stats/result.ts';
import type { Message } from '../../text/message.ts';
import type { Criterion } from '../criterion.ts';
import { measuredSeconds } from '../measured.ts';
import type { LeanDraft } from '../run-draft.ts';
import { leafValues } from './leaf-values.ts';

/** Loads that differ by less are the same load: virtual users start and end, and arrivals begin, within a second. */
const SAME_LOAD = 0.05;
/** More of them are no longer read. */
const MAX_PLACES = 5;
/** They offer the same from start to end, so that a run of another length offers the same load. */
const CONSTANT: readonly string[] = ['constant-vus', 'constant-arrival-rate'];
const ARRIVALS: readonly string[] = ['constant-arrival-rate', 'ramping-arrival-rate'];

/** In what the first of the runs and the others did not offer the same load to the target; empty where they did. */
export function loadDifferences(runs: readonly RunResult[]): Message[] {
  const [first, ...others] = runs as [RunResult, ...RunResult[]];
  return [...runs.flatMap(interferences), ...others.flatMap((other) => between(first, other))];
}

/** Why figures of runs say nothing beside each other: their loads differ, or a search made them follow from what the target took. */
export function loadObstacles(runs: readonly RunResult[]): Message[] {
  const searched = runs.filter(({ search }) => search !== undefined);
  return [
    ...searched.map(({ runId }) => ({ id: 'compare.load-searched', params: { runId } })),
    ...loadDifferences(runs),
  ];
}

/** What people and stops changed of a load that the plan may not show. */
function interferences(run: Pick<RunResult, 'runId' | 'ending' | 'loadChanges' | 'scenarios'>): Message[] {
  const isCut = run.ending.kind !== 'completed' && !isConstant(run);
  return [
    ...(run.loadChanges.length === 0 ? [] : [{ id: 'compare.load-changed', params: { runId: run.runId } }]),
    ...(isCut ? [{ id: 'compare.load-stopped', params: { runId: run.runId } }] : []),
  ];
}

/**
 * For a criterion that is compared with a baseline, in a run whose load somebody changed or cut short: it is not the load of the
 * baseline any more. A run that a criterion has stopped had that load until then.
 */
export function otherLoadExcuse({ limit }: Criterion, draft: LeanDraft): Message | undefined {
  if (limit.baseline === undefined || interferences(draft).length === 0) return undefined;
  const isStoppedByCriterion = draft.ending.kind === 'stopped' && draft.ending.by === 'threshold';
  if (isStoppedByCriterion && draft.loadChanges.length === 0) return undefined;
  return { id: 'threshold.other-load', params: {} };
}

function between(first: RunResult, other: RunResult): Message[] {
  const runs = { first: first.runId, other: other.runId };
  const places = plannedDifferences(first.plan, other.plan);
  if (places.length > 0)
    return places.map((difference) => ({ id: 'compare.load', params: { ...runs, ...difference } }));
  const [users, usersThere] = [meanUsers(first), meanUsers(other)];
  if (users !== undefined && usersThere !== undefined && differ(users, usersThere))
    return [{ id: 'compare.load-users', params: { ...runs, left: users, right: usersThere } }];
  const [rate, rateThere] = [arrivalRate(first), arrivalRate(other)];
  if (rate !== undefined && rateThere !== undefined && differ(rate, rateThere))
    return [{ id: 'compare.load-rate', params: { ...runs, left: rate, right: rateThere } }];
  return [];
}

/** A place in two plans that makes their loads differ. */
export interface PlannedDifference {
  /** Such as `scenarios.users.vus`. */
  readonly place: string;
  /** What each plan has there; `–` for nothing. */
  readonly left: string;
  readonly right: string;
}

/** Where two plans ask for different loads; the first few places. */
export function plannedDifferences(left: PlanInput, right: PlanInput): PlannedDifference[] {
  const [here, there] = [plannedLoad(left), plannedLoad(right)];
  return [...new Set([...here.keys(), ...there.keys()])]
    .filter((place) => here.get(place)?.value !== there.get(place)?.value)
    .slice(0, MAX_PLACES)
    .map((place) => ({ place, left: here.get(place)?.shown ?? '–', right: there.get(place)?.shown ?? '–' }));
}

function differ(a: number, b: number): boolean {
  return Math.abs(a - b) > SAME_LOAD * Math.max(a, b);
}

interface Place {
  /** With defaults filled in. */
  readonly value: string;
  /** As the plan has it, where it does. */
  readonly shown: string;
}

/** What plan and command line asked for, by its place in the plan. */
function plannedLoad(plan: PlanInput): Map<string, Place> {
  const written = leafValues(plan.scenarios, 'scenarios');
  const load = Object.entries(parsePlan(plan).scenarios).flatMap(([name, scenario]) => {
    const { gracefulStop: _stop, flow: _flow, onStart: _start, onStop: _end, ...rest } = scenario;
    const { flow, onStart, onStop } = plan.scenarios[name] as Record<string, unknown>;
    const operations = scenario.operations.map(({ tags: _tags, ...operation }) => operation);
    const whole = { ...rest, operations, flow, onStart, onStop };
    const offered = CONSTANT.includes(scenario.executor) ? { ...whole, duration: undefined } : whole;
    return [...leafValues(offered, `scenarios.${name}`)];
  });
  return new Map(load.map(([place, value]) => [place, { value, shown: written.get(place) ?? value }]));
}

function isConstant({ scenarios }: Pick<RunResult, 'scenarios'>): boolean {
  return scenarios.every(({ executor }) => CONSTANT.includes(executor));
}

/** Over the measured phase; undefined where their number is the target's doing. */
function meanUsers(run: RunResult): number | undefined {
  if (run.scenarios.some(({ executor }) => !['constant-vus', 'ramping-vus'].includes(executor))) return undefined;
  return meanAt(run.timeline.vus, measuredSeconds(run));
}

/** Arrivals a second over the measured phase, dropped ones too; undefined where a request is not an arrival. */
function arrivalRate(run: RunResult): number | undefined {
  if (run.scenarios.some(({ executor }) => !ARRIVALS.includes(executor))) return undefined;
  if ((run.journeys ?? []).length > 0) return undefined;
  const seconds = measuredSeconds(run);
  const requests = meanAt(run.timeline.all.requests, seconds);
  const dropped = meanAt(run.timeline.droppedArrivals, seconds);
  return requests === undefined || dropped === undefined ? undefined : requests + dropped;
}

function meanAt(column: readonly number[], seconds: readonly number[]): number | undefined {
  if (seconds.length === 0) return undefined;
  return seconds.reduce((sum, second) => sum + (column[second] ?? 0), 0) / seconds.length;
}
