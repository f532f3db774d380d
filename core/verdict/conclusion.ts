import { parsePlan } from '../plan/parse.ts';
import type { Message, RunResult } from '../stats/result.ts';
import { knee } from './conclusion/knee.ts';
import { type Levels, levelsOf } from './conclusion/levels.ts';
import { data, load, responseTimes, stability } from './conclusion/measurements.ts';
import { backlog, resources } from './conclusion/resources.ts';
import { slowness } from './conclusion/slowness.ts';
import { mostVus } from './measured.ts';
import { type Lang, renderMessage } from './messages/message.ts';
import { marginOf } from './verdict.ts';

/** From this margin of the tightest criterion on, there is ample reserve. */
const AMPLE = 0.5;

/**
 * The written conclusion, a sentence per figure, in that language.
 * @param levels of this result, for who has them
 */
export function conclude(
  result: RunResult,
  lang: Lang,
  levels: Levels = levelsOf(result, parsePlan(result.plan)),
): string[] {
  return conclusionMessages(result, levels).map((message) => renderMessage(message, lang));
}

/**
 * The conclusion as data. A measurement that cannot be believed is said so first, and nothing is then said of the
 * target's quality: neither how it met criteria nor where its limits are.
 */
function conclusionMessages(result: RunResult, levels: Levels): Message[] {
  const stopped: Message[] =
    result.ending.kind === 'stopped'
      ? [{ id: 'conclusion.stopped', params: { reason: result.ending.reason, measuredUs: result.measuredUs } }]
      : [];
  const failed = result.validity.filter(({ ok }) => !ok);
  if (failed.length > 0) {
    const invalid: Message = { id: 'conclusion.invalid', params: { checks: failed.length } };
    return [...stopped, invalid, ...failed.map(({ message }) => message), load(result), ...stability(result)];
  }
  const limit = knee(levels);
  const isLimited = result.verdict.kind === 'fail' || limit.some(({ id }) => id.startsWith('conclusion.knee'));
  return [
    ...stopped,
    load(result),
    ...responseTimes(result),
    ...stability(result),
    ...limit,
    ...backlog(result),
    ...data(result),
    ...resources(result, isLimited),
    ...slowness(result),
    overall(result),
  ];
}

function overall(result: RunResult): Message {
  const required = result.thresholds.filter(({ severity }) => severity === 'fail');
  const names = (status: string) => required.filter((one) => one.status === status).map(({ criterion }) => criterion);
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
      return margin === undefined ? [] : [{ margin, criterion: one.criterion }];
    })
    .toSorted((a, b) => a.margin - b.margin)[0];
  if (tightest === undefined) return { id: 'conclusion.overall-met', params };
  return {
    id: `conclusion.overall-${tightest.margin >= AMPLE ? 'ample' : 'margin'}`,
    params: { ...params, ...tightest },
  };
}
