import { setImmediate } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import type { z } from 'zod';
import { ListBaselinesRequestSchema } from '../../../proto/gen/bench/v1/run_pb.ts';
import { RpcError } from '../../../proto/rpc/rpc-error.ts';
import { KeyedMutex } from '../../control/security/keyed-mutex.ts';
import type { RunResult } from '../../stats/result.ts';
import { oneLine } from '../../text/printable.ts';
import { type ComparisonOfRuns, compareRuns } from '../../verdict/compare/compare-runs.ts';
import { loadObstacles } from '../../verdict/compare/offered-load.ts';
import { renderMessage } from '../../verdict/messages/message.ts';
import type { compareQuery } from '../api/routes.ts';
import { ApiError } from '../api-error.ts';
import type { Answer, Asked } from '../exchange.ts';
import { downloadOf } from './run-details.ts';
import { callOf, type WebServices } from './services.ts';

type CompareAsked = Asked<z.infer<typeof compareQuery>>;

/** All results of a comparison are in memory at once. */
const MAX_RUNS = 10;
/** Comparisons of a session that wait for their turn. */
const MAX_WAITING = 2;
const RETRY_AFTER_S = 5;

interface Sides {
  /** Ids of runs. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export class Comparisons {
  readonly #services: WebServices;
  readonly #turns = new KeyedMutex();
  /** Requests whose turn has not come. */
  readonly #waiting = new Set<CompareAsked>();

  constructor(services: WebServices) {
    this.#services = services;
  }

  async show(asked: CompareAsked): Promise<Answer> {
    const { content } = await this.#made(asked, this.#reportIn('json', asked));
    return { content, type: 'application/json; charset=utf-8' };
  }

  async showView(asked: CompareAsked): Promise<Answer> {
    const { reports } = this.#services;
    return this.#made(asked, ({ comparison }) => ({ json: reports.comparisonView(comparison, asked.query.lang) }));
  }

  async showReport(asked: CompareAsked): Promise<Answer> {
    const { format = '' } = asked.params;
    const { comparisonFormats: formats } = this.#services.reports;
    if (!formats.includes(format)) {
      throw new ApiError(404, `there is no report ${format} of a comparison: there are ${formats.join(', ')}`);
    }
    return downloadOf(await this.#made(asked, this.#reportIn(format, asked)));
  }

  #reportIn(format: string, { query }: CompareAsked) {
    return (runs: ComparisonOfRuns) => this.#services.reports.renderComparison(format, runs, query.lang);
  }

  /**
   * @param make what is answered of it
   * @throws {ApiError} when these runs cannot be compared
   */
  async #made<T>(asked: CompareAsked, make: (runs: ComparisonOfRuns) => T | Promise<T>): Promise<T> {
    const sides = await sidesOf(asked, this.#services);
    this.#checkPlace(asked);
    this.#waiting.add(asked);
    // One after the other: their results take much memory.
    return this.#turns.run('comparison', async () => {
      this.#waiting.delete(asked);
      asked.signal.throwIfAborted();
      return make(await compared(sides, asked, this.#services));
    });
  }

  /** @throws {ApiError} when the session has too many that wait */
  #checkPlace({ caller: { session } }: CompareAsked): void {
    const waiting = [...this.#waiting].filter(({ caller, signal }) => caller.session === session && !signal.aborted);
    if (waiting.length < MAX_WAITING) return;
    throw new ApiError(429, `${MAX_WAITING} comparisons of yours already wait for their turn: try again later`, {
      headers: { 'retry-after': String(RETRY_AFTER_S) },
    });
  }
}

async function compared(sides: Sides, asked: CompareAsked, services: WebServices): Promise<ComparisonOfRuns> {
  const { tolerance, force } = asked.query;
  const before = await resultsOf(sides.before, asked, services);
  const after = await resultsOf(sides.after, asked, services);
  const [difference] = loadObstacles([...before, ...after]);
  if (difference !== undefined && !force) {
    throw new ApiError(
      409,
      `these runs did not offer the same load, so their figures say nothing about the target: ${renderMessage(difference, 'en')} Compare runs of the same load, or add force=true`,
    );
  }
  const comparison = compareRuns(before, after, { tolerance, trustsAll: force });
  // It may have taken long, and agents must be heard.
  await setImmediate();
  asked.signal.throwIfAborted();
  return { comparison, before, after };
}

async function sidesOf(asked: CompareAsked, services: WebServices): Promise<Sides> {
  const runs = asked.query.runs.split(',');
  const baseline = asked.query.baseline?.split(',');
  const [first, second] = runs;
  if (baseline === undefined && (runs.length !== 2 || first === undefined || second === undefined)) {
    throw new ApiError(
      400,
      'give two runs, the one before and the one after; or say with `baseline` which are from before',
    );
  }
  const sides =
    baseline === undefined
      ? { before: [first as string], after: [second as string] }
      : { before: await namedRuns(baseline, asked, services), after: runs };
  const ids = [...sides.before, ...sides.after];
  if (ids.length > MAX_RUNS)
    throw new ApiError(400, `${ids.length} runs are too many: at most ${MAX_RUNS} are compared`);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  // A run beside itself would not differ, and twice on a side it would look surer than it is.
  if (twice !== undefined) throw new ApiError(400, `the run ${twice} is given twice: give each run once`);
  return sides;
}

/** A name may be that of a baseline, and then stands for its runs. */
async function namedRuns(names: readonly string[], asked: Asked, { control }: WebServices): Promise<string[]> {
  const { baselines = [] } = await control.runs.listBaselines(create(ListBaselinesRequestSchema), callOf(asked));
  return names.flatMap((name) => {
    const runIds = baselines.find((baseline) => baseline.name === name)?.runIds ?? [name];
    if (runIds.length > 0) return runIds;
    throw new ApiError(409, `the baseline ${name} is damaged: set it again, or remove it (\`bench baseline\`)`);
  });
}

async function resultsOf(runIds: readonly string[], asked: CompareAsked, { ended }: WebServices): Promise<RunResult[]> {
  const results: RunResult[] = [];
  // One after the other: each takes much memory while it is read.
  for (const runId of runIds) {
    asked.signal.throwIfAborted();
    try {
      results.push(await ended.needed(runId, callOf(asked)));
    } catch (error) {
      const isMissing = error instanceof RpcError && error.code === 'NOT_FOUND';
      // Whoever wrote the name of a baseline would not look for it among the runs.
      if (!isMissing || !asked.query.baseline?.split(',').includes(runId)) throw error;
      throw new ApiError(404, `there is no baseline and no run ${oneLine(runId, 40)}`, { cause: error });
    }
  }
  return results;
}
