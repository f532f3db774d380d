import { parsePlan } from '../plan/parse.ts';
import type { RunResult, ThresholdResult } from '../stats/result.ts';
import type { Message } from '../text/message.ts';
import { behind } from './conclusion/behind.ts';
import { capacity, law } from './conclusion/capacity.ts';
import { changedLoad } from './conclusion/changed-load.ts';
import { knee } from './conclusion/knee.ts';
import { type Levels, levelsOf } from './conclusion/levels.ts';
import { data, journeys, load, ratios, resent, responseTimes, stability } from './conclusion/measurements.ts';
import { backlog, resources } from './conclusion/resources.ts';
import { searchConclusion } from './conclusion/search.ts';
import { silence } from './conclusion/silence.ts';
import { slowness } from './conclusion/slowness.ts';
import { parseThreshold } from './criterion.ts';
import { mostVus } from './measured.ts';
import { type Lang, renderMessage } from './messages/message.ts';
import { criterionText, marginOf } from './verdict.ts';

/** With this margin of the tightest criterion, there is plenty of room. */
const AMPLE = 0.5;
/** How messages about a resource begin that has nothing left, though the load did not suffer. */
const NEARLY_FULL = 'conclusion.nearly-full-';
/** Metrics of speed: a criterion on one of them fails when something is too slow or full. */
const SPEED: ReadonlySet<string> = new Set([
  ...['percentile', 'max', 'min', 'mean', 'rps', 'requests', 'dropped', 'dropped_rate'],
]);

/**
 * The written conclusion in that language, a sentence for each figure.
 * @param levels the load levels of this result, for callers that have them already
 */
export function conclude(
  result: RunResult,
  lang: Lang,
  levels: Levels = levelsOf(result, parsePlan(result.plan)),
): string[] {
  return conclusionMessages(result, lang, levels).map((message) => renderMessage(message, lang));
}

/** Loads that end when their work is done. */
const OF_ITS_OWN_LENGTH: readonly string[] = ['shared-iterations', 'per-vu-iterations', 'shape', 'find-max'];

/** That the figures cover only a part of the run. */
function incomplete({ ending, measuredUs, warmupUs, plannedUs, scenarios }: RunResult): Message[] {
  if (ending.kind === 'completed') {
    const lastedUs = warmupUs + measuredUs;
    const isEarly =
      lastedUs < plannedUs - 1e6 && !scenarios.some(({ executor }) => OF_ITS_OWN_LENGTH.includes(executor));
    return isEarly ? [{ id: 'conclusion.used-up', params: { lastedUs, plannedUs } }] : [];
  }
  if (ending.kind === 'running') return [{ id: 'verdict.running', params: { measuredUs } }];
  return [{ id: 'conclusion.stopped', params: { reason: ending.reason, measuredUs } }];
}

/**
 * The conclusion as data. If the measurement cannot be trusted, that comes first, and nothing follows about the quality of
 * the target: neither how it meets criteria nor where its limits are.
 */
function conclusionMessages(result: RunResult, lang: Lang, levels: Levels): Message[] {
  const stopped = [...incomplete(result), ...changedLoad(result)];
  const failed = result.validity.filter(({ ok }) => !ok);
  if (failed.length > 0) {
    const invalid: Message = { id: 'conclusion.invalid', params: { checks: failed.length } };
    return [...stopped, invalid, ...failed.map(({ message }) => message), ...load(result), ...stability(result)];
  }
  if (result.search !== undefined) {
    const found = [...searchConclusion(result), ...law(levels)];
    return [
      ...stopped,
      ...found,
      ...load(result),
      ...ratios(result),
      ...resent(result),
      ...backlog(result),
      ...data(result),
      ...resources(result, true),
    ];
  }
  const limit = knee(levels);
  const isLimited = result.thresholds.some(isTooSlow) || limit.some(({ id }) => /\.(knee|limit)-/.test(id));
  const used = resources(result, isLimited);
  const silent = silence(result);
  return [
    ...stopped,
    ...load(result),
    ...responseTimes(result),
    ...journeys(result),
    ...ratios(result),
    ...generatorLate(result),
    ...stability(result),
    ...silent,
    ...resent(result),
    ...(limit.length > 0 ? limit : behind(result, parsePlan(result.plan))),
    ...capacity(result, parsePlan(result.plan), levels),
    ...backlog(result),
    ...data(result),
    ...used,
    ...slowness(result),
    overall(result, lang, used, silent.length > 0),
  ];
}

function isTooSlow({ criterion, status }: ThresholdResult): boolean {
  return status === 'fail' && SPEED.has(parseThreshold(criterion).metric.kind);
}

/** A send delay that is noticeable in the response times, though not long enough to make them worthless. */
function generatorLate({ validity }: RunResult): Message[] {
  return validity
    .filter(({ message }) => message.id === 'send-delay.some')
    .map(({ message: { params } }) => ({ id: 'conclusion.generator-late', params }));
}

/**
 * @param used what is said of resources: a margin of the criteria is no room where one of them is full
 * @param fellSilent whether the target answered nothing for a while, so that there is not plenty of room
 */
function overall(result: RunResult, lang: Lang, used: readonly Message[], fellSilent: boolean): Message {
  const required = result.thresholds.filter(({ severity }) => severity === 'fail');
  const names = (status: string) =>
    required.filter((one) => one.status === status).map((one) => criterionText(one, lang));
  const broken = names('fail');
  const unjudged = names('invalid');
  const vus = mostVus(result);
  const met = required.length - broken.length - unjudged.length;
  const params = { vus, criteria: required.length, met, broken, unjudged };
  if (required.length === 0) return { id: 'conclusion.no-criteria', params };
  if (broken.length > 0) return { id: 'conclusion.overall-fail', params };
  if (unjudged.length > 0) return { id: 'conclusion.overall-unjudged', params };
  const tightest = required
    .flatMap((one) => {
      const margin = marginOf(one);
      return margin === undefined ? [] : [{ margin, criterion: criterionText(one, lang) }];
    })
    .toSorted((a, b) => a.margin - b.margin)[0];
  if (tightest === undefined) return { id: 'conclusion.overall-met', params };
  const full = used.find(({ id }) => id.startsWith(NEARLY_FULL));
  if (full !== undefined) {
    const id = full.id.replace(NEARLY_FULL, 'conclusion.overall-full-');
    return { id, params: { ...params, ...tightest, owner: full.params.owner ?? '' } };
  }
  return {
    id: `conclusion.overall-${tightest.margin >= AMPLE && !fellSilent ? 'ample' : 'margin'}`,
    params: { ...params, ...tightest },
  };
}
