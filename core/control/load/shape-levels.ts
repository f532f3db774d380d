import { BenchError, errorMessage } from '../../error.ts';
import type { LoadShape } from '../../plan/load/shape.ts';
import { scenarioTime } from '../../plan/load/split.ts';
import type { MaxSearch } from '../../verdict/capacity/max-search.ts';
import type { RunSpec } from '../run/run-spec.ts';
import type { Level } from './load-assignment.ts';
import type { RunAgent } from './run-agent.ts';

/** How many seconds ahead of the load agents are sent its level. */
const SECONDS_AHEAD = 2;

interface ShapedScenario {
  readonly scenario: number;
  readonly name: string;
  readonly shape: LoadShape;
  /** Since the run start. */
  readonly startUs: number;
  readonly warmupSeconds: number;
  /** The level at the end of each of the scenario's seconds so far. */
  readonly levels: number[];
  ended: boolean;
  /** The levels that every agent should have: those of the seconds ahead, and the end of the load once it has one. */
  latest: readonly Level[];
}

/** Asks the shapes of a plan, and its search, for their levels, second by second, and sends them to the agents ahead of time. */
export class ShapeLevels {
  readonly #scenarios: readonly ShapedScenario[];

  /** @param search the search of the plan's scenario with find-max, if it has one */
  constructor({ plan, shapes }: Pick<RunSpec, 'plan' | 'shapes'>, search?: Pick<MaxSearch, 'levelAt'>) {
    this.#scenarios = Object.entries(plan.scenarios).flatMap(([name, scenario], index) => {
      const shape =
        scenario.executor === 'find-max' ? search && ((second: number) => search.levelAt(second)) : shapes.get(name);
      if (shape === undefined) return [];
      const { startUs, warmupUs } = scenarioTime(plan, scenario);
      const warmupSeconds = Math.ceil(warmupUs / 1e6);
      return [{ scenario: index, name, shape, startUs, warmupSeconds, levels: [], ended: false, latest: [] }];
    });
  }

  /**
   * Called before the start and then each second. Levels of seconds that are over are skipped: while a control process is
   * restarted, agents hold the level that they have.
   * @param elapsedUs since the run start; 0 before it
   * @throws {BenchError} with the code `shape_failed` when a shape fails or gives no level
   */
  advance(elapsedUs: number): void {
    for (const shaped of this.#scenarios) {
      const second = Math.floor(Math.max(0, elapsedUs - shaped.startUs) / 1e6);
      while (!shaped.ended && shaped.levels.length < second + SECONDS_AHEAD) {
        const latest = [...shaped.latest, nextLevel(shaped)].slice(-SECONDS_AHEAD);
        shaped.latest = latest.filter((level) => level.second >= second || level.ended);
      }
    }
  }

  /** What a scenario was to have in this second since the run start; undefined for one whose load the plan knows. */
  levelAt(scenario: number, second: number): number | undefined {
    const shaped = this.#scenarios.find((one) => one.scenario === scenario);
    return shaped && (shaped.levels[second - Math.floor(shaped.startUs / 1e6)] ?? 0);
  }

  /** Sends the agent every level that it should have and was not sent since it last came back. */
  send({ load }: RunAgent): void {
    for (const { latest } of this.#scenarios) for (const level of latest) load.sendLevel(level);
  }
}

/** Asks the shape for the next second. */
function nextLevel(shaped: ShapedScenario): Level {
  const second = shaped.levels.length;
  const from = shaped.levels.at(-1) ?? 0;
  const wanted = levelOf(shaped, Math.max(0, second - shaped.warmupSeconds));
  shaped.ended = wanted === undefined;
  const spawnRate = wanted?.spawnRate;
  const step = spawnRate ?? Number.POSITIVE_INFINITY;
  const target = wanted?.level ?? 0;
  const to = from < target ? Math.min(target, from + step) : Math.max(target, from - step);
  shaped.levels.push(to);
  return {
    scenario: shaped.scenario,
    second,
    from: spawnRate === undefined ? to : from,
    to,
    ended: shaped.ended,
  };
}

/** @param second of the shape; the warm-up runs at the level of its first one */
function levelOf({ name, shape }: ShapedScenario, second: number): { level: number; spawnRate?: number } | undefined {
  const failure = (text: string, cause?: unknown) =>
    new BenchError('shape_failed', `the shape of scenario "${name}" ${text} at second ${second}`, { cause });
  let wanted: ReturnType<LoadShape>;
  try {
    wanted = shape(second);
  } catch (error) {
    throw failure(`failed (${errorMessage(error)})`, error);
  }
  if (wanted === undefined || wanted === null) return undefined;
  const { level, spawnRate } = typeof wanted === 'number' ? { level: wanted } : wanted;
  if (!(Number.isFinite(level) && level >= 0))
    throw failure(`gave ${level} as its level, which must be a number from 0 or undefined,`);
  if (spawnRate !== undefined && !(spawnRate > 0))
    throw failure(`gave a spawnRate of ${spawnRate}, which must be above 0,`);
  return spawnRate === undefined ? { level } : { level, spawnRate };
}
