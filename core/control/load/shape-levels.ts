import { errorMessage } from '../../error.ts';
import type { LoadShape } from '../../plan/shape.ts';
import { scenarioTime } from '../../plan/split.ts';
import type { RunSpec } from '../run/run-spec.ts';
import type { Level } from './load-assignment.ts';
import type { RunAgent } from './run-agent.ts';

/** How many seconds ahead of the load a level is told. */
const SECONDS_AHEAD = 2;

interface ShapedLoad {
  readonly scenario: number;
  readonly name: string;
  readonly shape: LoadShape;
  /** From the run's second 0. */
  readonly startUs: number;
  readonly warmupSeconds: number;
  /** Seconds of the scenario that agents know of. */
  told: number;
  level: number;
  ended: boolean;
  /** What agents were told last, for those that could not hear it. */
  latest: readonly Level[];
}

/** Asks the shapes of a plan what they want, second by second, and tells the agents ahead of time. */
export class ShapeLevels {
  readonly #loads: readonly ShapedLoad[];
  readonly #agents: readonly RunAgent[];

  constructor({ plan, shapes }: Pick<RunSpec, 'plan' | 'shapes'>, agents: readonly RunAgent[]) {
    this.#agents = agents;
    this.#loads = Object.entries(plan.scenarios).flatMap(([name, scenario], index) => {
      const shape = shapes.get(name);
      if (shape === undefined) return [];
      const { startUs, warmupUs } = scenarioTime(plan, scenario);
      const warmupSeconds = Math.ceil(warmupUs / 1e6);
      return [{ scenario: index, name, shape, startUs, warmupSeconds, told: 0, level: 0, ended: false, latest: [] }];
    });
  }

  /**
   * To be called before the start and then each second. Seconds that are over are not told any more: in a run that was
   * taken up, agents have held their level meanwhile.
   * @param elapsedUs since the run's second 0; 0 before it
   * @throws an Error with one sentence when a shape fails or gives no level
   */
  tell(elapsedUs: number): void {
    for (const load of this.#loads) {
      const seconds = Math.floor(Math.max(0, elapsedUs - load.startUs) / 1e6);
      while (!load.ended && load.told < seconds + SECONDS_AHEAD) {
        const level = nextLevel(load);
        load.latest = [...load.latest, level].slice(-SECONDS_AHEAD);
        if (level.second < seconds && !level.ended) continue;
        for (const agent of this.#agents) agent.setLevel(level);
      }
    }
  }

  /** To an agent that was away, or has come just now: the seconds ahead, and the end of a load that it may not have heard of. */
  tellAgain(agent: RunAgent): void {
    for (const { latest } of this.#loads) for (const level of latest) agent.setLevel(level);
  }
}

/** Asks the shape for the next second. */
function nextLevel(load: ShapedLoad): Level {
  const second = load.told++;
  const from = load.level;
  const wanted = levelOf(load, Math.max(0, second - load.warmupSeconds));
  load.ended = wanted === undefined;
  const spawnRate = wanted?.spawnRate;
  const step = spawnRate ?? Number.POSITIVE_INFINITY;
  const target = wanted?.level ?? 0;
  load.level = from < target ? Math.min(target, from + step) : Math.max(target, from - step);
  return {
    scenario: load.scenario,
    second,
    from: spawnRate === undefined ? load.level : from,
    to: load.level,
    ended: load.ended,
  };
}

/** The warm-up runs at the level of the shape's second 0. */
function levelOf({ name, shape }: ShapedLoad, second: number): { level: number; spawnRate?: number } | undefined {
  const fault = (text: string) => new Error(`the shape of scenario "${name}" ${text} at second ${second}`);
  let wanted: ReturnType<LoadShape>;
  try {
    wanted = shape(second);
  } catch (error) {
    throw fault(`failed (${errorMessage(error)})`);
  }
  if (wanted === undefined || wanted === null) return undefined;
  const { level, spawnRate } = typeof wanted === 'number' ? { level: wanted } : wanted;
  if (!(Number.isFinite(level) && level >= 0))
    throw fault(`gave ${level} as its level, which must be a number from 0 or undefined,`);
  if (spawnRate !== undefined && !(spawnRate > 0))
    throw fault(`gave a spawnRate of ${spawnRate}, which must be above 0,`);
  return spawnRate === undefined ? { level } : { level, spawnRate };
}
