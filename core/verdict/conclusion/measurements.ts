import type { OperationResult, RunResult } from '../../stats/result.ts';
import type { Message } from '../../text/message.ts';
import { excessOf, marginShare } from '../comparison.ts';
import { parseThreshold } from '../criterion.ts';
import { merged } from '../distribution.ts';
import { currentPerSecond, currentSeconds, errorKinds, measuredDrops, measuredOf, mostVus } from '../measured.ts';
import { measuredRate } from '../rate.ts';
import { shortList } from '../validity/finding.ts';

/** If a run has more operations, only those that a criterion names get a sentence of their own. */
const MAX_OPERATIONS = 5;
/** A margin that is worth a word. */
const AMPLE = 0.5;

/** Rates that differ by less from requests ÷ time need no word. */
const ALIKE = 0.01;

/** How much load there was, and what its rate counts where that is not what began in the time. */
export function load(result: RunResult): Message[] {
  const all = measuredOf(result.operations);
  const { requests } = all;
  const rate = measuredRate(result, all, [result.timeline.all]);
  const dropped = measuredDrops(result);
  const currentUs = currentSeconds(result).length * 1e6;
  const params = {
    vus: mostVus(result),
    requests,
    measuredUs: result.measuredUs,
    perSecond: rate.perSecond,
    currentPerSecond: currentPerSecond(result, result.timeline.all.requests),
    currentUs,
    dropped,
  };
  const kind = currentUs === 0 ? 'load-brief' : 'load';
  const isOther = Math.abs(rate.perSecond * result.measuredUs - requests * 1e6) > ALIKE * requests * 1e6;
  return [
    { id: `conclusion.${kind}${dropped > 0 ? '-dropped' : ''}`, params },
    ...(isOther ? [{ id: 'conclusion.rate', params: { ended: rate.requests, endedUs: rate.durationUs } }] : []),
  ];
}

/** Response times by operation, each with the criterion on it that has the smallest margin, if there is one. */
export function responseTimes(result: RunResult): Message[] {
  const told = result.operations.map((operation) => ({ operation, judged: tightest(result, operation) }));
  const own = told.length <= MAX_OPERATIONS ? told : told.filter(({ judged }) => judged !== undefined);
  return own.slice(0, 2 * MAX_OPERATIONS).flatMap(({ operation, judged }): Message[] => {
    const { responseTime } = measuredOf([operation]);
    if (responseTime.count === 0) return [{ id: 'conclusion.no-response', params: { operation: operation.name } }];
    const params = {
      operation: operation.name,
      p50Us: responseTime.valueAtQuantileUs(0.5),
      meanUs: responseTime.meanUs,
      p95Us: responseTime.valueAtQuantileUs(0.95),
      p99Us: responseTime.valueAtQuantileUs(0.99),
    };
    if (judged === undefined) return [{ id: 'conclusion.response-time', params }];
    const { isBroken, margin, criterion, excess } = judged;
    const kind = isBroken ? 'broken' : margin >= AMPLE ? 'ample' : 'met';
    return [{ id: `conclusion.response-time-${kind}`, params: { ...params, ...excess, criterion, margin } }];
  });
}

/** A sentence for each journey that had passes. */
export function journeys({ journeys: all = [] }: RunResult): Message[] {
  return all.flatMap(({ name, phases: { measure } }): Message[] => {
    const { requests, errors } = measure;
    if (requests === 0) return [];
    const responseTime = merged([measure.responseTime]);
    const serviceTime = merged([measure.serviceTime]);
    const params = {
      name,
      passes: requests,
      failed: errors / requests,
      p50Us: responseTime.valueAtQuantileUs(0.5),
      p95Us: responseTime.valueAtQuantileUs(0.95),
      workUs: serviceTime.valueAtQuantileUs(0.5),
      workP95Us: serviceTime.valueAtQuantileUs(0.95),
    };
    return [{ id: 'conclusion.journey', params }];
  });
}

/** A sentence for each of the first ratios, also for those that are void. */
export function ratios({ ratios: all = [] }: RunResult): Message[] {
  const told = all.filter(({ phases, voidReason }) => voidReason !== undefined || phases.measure.of > 0);
  return told.slice(0, MAX_OPERATIONS).map(({ name, phases: { measure }, voidReason }): Message => {
    if (voidReason !== undefined) return { id: 'conclusion.ratio-void', params: { name, reason: voidReason } };
    const { hits, of } = measure;
    return { id: 'conclusion.ratio', params: { name, share: hits / of, hits, of } };
  });
}

interface Judged {
  readonly criterion: string;
  /** Not the same as a negative margin: "< 200ms" fails at 200 ms. */
  readonly isBroken: boolean;
  readonly margin: number;
  readonly excess: ReturnType<typeof excessOf>;
}

/** The criterion on the durations of this operation with the smallest margin. One that failed comes before all others. */
function tightest({ thresholds }: RunResult, operation: OperationResult): Judged | undefined {
  const judged = thresholds.flatMap((result) => {
    if (result.status === 'invalid' || result.unit !== 'us') return [];
    const criterion = parseThreshold(result.criterion);
    const margin = marginShare(criterion, result.actual, result.limit);
    const { subject, scenario, phase } = criterion;
    const isThis = subject?.name === operation.name && (scenario?.name ?? operation.scenario) === operation.scenario;
    if (!isThis || phase.name !== 'measure' || margin === undefined) return [];
    const excess = excessOf(criterion, result.actual, result.limit);
    return [{ criterion: result.criterion, isBroken: result.status === 'fail', margin, excess }];
  });
  return judged.toSorted((a, b) => Number(b.isBroken) - Number(a.isBroken) || a.margin - b.margin)[0];
}

export function stability(result: RunResult): Message[] {
  const { requests, errors } = measuredOf(result.operations);
  if (requests === 0) return [];
  if (errors === 0) return [{ id: 'conclusion.no-failures', params: { requests } }];
  const kinds = errorKinds(result)
    .slice(0, 3)
    .map(([kind, count]) => `${kind} × ${count}`);
  const params = { requests, errors, share: errors / requests, availability: (requests - errors) / requests, kinds };
  return [{ id: errors === requests ? 'conclusion.all-failed' : 'conclusion.failures', params }];
}

/** Requests that a driver sent a second time, after a connection that its server closed without an answer. */
export function resent({ timings }: RunResult): Message[] {
  const timing = timings.find(({ name }) => name === 'http.resent');
  const count = timing === undefined ? 0 : merged([timing.phases.measure]).count;
  return count === 0 ? [] : [{ id: 'conclusion.resent', params: { count } }];
}

/** An agent that was lost may have sent rows that it could not report. */
function extraRows(extra: number, lostAgents: readonly string[]): Message {
  if (lostAgents.length === 0) return { id: 'conclusion.data-extra', params: { extra } };
  return { id: 'conclusion.data-extra-lost', params: { extra, names: shortList(lostAgents) } };
}

/** Acknowledged writes compared with stored rows. */
export function data({ reconciliations, agents, warmupUs }: RunResult): Message[] {
  const warmup = warmupUs > 0 ? 'yes' : '';
  const lostAgents = agents.filter(({ closingTotals }) => closingTotals === 'missing').map(({ name }) => name);
  return reconciliations.flatMap(({ reconciliation }): Message[] => {
    const { acknowledged, stored, lost, extra, unknown, storedWithoutAcknowledgement, keys, stable } = reconciliation;
    const params = { acknowledged, stored, lost, extra, unknown, storedWithoutAcknowledgement, keys, warmup };
    const kind = lost > 0 ? 'lost' : acknowledged > 0 ? 'complete' : 'none';
    return [
      { id: `conclusion.data-${kind}`, params },
      ...(unknown > 0 ? [{ id: 'conclusion.data-unknown', params }] : []),
      ...(extra > 0 ? [extraRows(extra, lostAgents)] : []),
      ...(stable ? [] : [{ id: 'conclusion.data-unsettled', params }]),
    ];
  });
}
