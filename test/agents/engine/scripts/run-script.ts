import t from 'tap';
import { Engine } from '../../../../agents/engine/engine.ts';
import { IDLE_HOST } from '../../../../agents/simulation/synthetic-window.ts';
import { equalShare, type Share } from '../../../../core/plan/load/split.ts';
import { parsePlan } from '../../../../core/plan/parse.ts';
import { resolvePlan } from '../../../../core/plan/resolve.ts';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import type { UserDefinition } from '../../../../core/script/define-user.ts';
import type { ScriptSource } from '../../../../core/script/script-source.ts';
import type { FinalTotal, Window } from '../../../../core/stats/window.ts';
import { FakeClock } from '../../../../testing/fake-clock.ts';
import { type MergedRow, merged, OK } from '../../../kit/engine.ts';
import { type ShopCall, ShopDriver, type ShopOperation } from '../../../kit/shop-driver.ts';

export const SECOND_US = 1e6;
export const PER_VU = { executor: 'per-vu-iterations', vus: 2, iterations: 10 };

export interface ScriptRun {
  readonly startUs: number;
  readonly calls: readonly ShopCall[];
  readonly windows: readonly Window[];
  readonly warnings: readonly string[];
  readonly finalTotals: readonly FinalTotal[];
}

export interface ScriptRunOptions {
  readonly seconds: number;
  readonly clock?: FakeClock;
  readonly share?: Share;
  readonly openData?: ScriptSource['openData'];
  /** Called when a virtual user connects; it cannot when this throws. */
  readonly connects?: (user: number, atUs: number) => void;
  /** Called once the load runs. */
  readonly begun?: (engine: Engine) => void;
}

/** One agent runs a script against a shop, whose operation `list` sets the variable `item` to 17. */
export async function runScript(
  definition: UserDefinition,
  scenario: object,
  { seconds, clock = new FakeClock(), share = equalShare(0, 1), openData, connects, begun }: ScriptRunOptions,
): Promise<ScriptRun> {
  const answer = (name: ShopOperation, variables: Map<string, string>) => {
    if (name === 'list') variables.set('item', '17');
    return OK;
  };
  const { plugin, calls } = new ShopDriver(clock, answer, (user) => connects?.(user, clock.nowUs()));
  const source = { user: './shopper.ts', ...scenario } as PlanInput['scenarios'][string];
  const plan = await resolvePlan(
    parsePlan({ name: 'test', drivers: { shop: {} }, scenarios: { shoppers: source } }),
    async () => plugin,
    async () => ({ drivers: ['shop'], ...definition }),
  );
  const windows: Window[] = [];
  const warnings: string[] = [];
  const engine = new Engine({
    runId: 'run',
    plan,
    share,
    baseDirectory: '.',
    openData,
    hide: (text) => text,
    clock,
    host: () => IDLE_HOST,
    emit: (window) => windows.push(window),
    warn: (text) => warnings.push(text),
    log: (text) => warnings.push(text),
    failed: (error) => t.fail(String(error)),
  });
  await engine.prepare();
  const startUs = clock.nowUs();
  const ended = engine.run(startUs).then(() => engine.close());
  begun?.(engine);
  await clock.advance(seconds * SECOND_US);
  await ended;
  return { startUs, calls, windows, warnings, finalTotals: engine.recorder.finalTotals() };
}

/** The journey's row: a script's plan has no other. */
export function journeyOf(...runs: readonly ScriptRun[]): MergedRow {
  return merged(runs.flatMap(({ windows }) => windows.flatMap(({ operations }) => operations)));
}

/** The rows of requests and spans of this name. */
export function rowOf({ windows }: ScriptRun, name: string): MergedRow {
  const rows = windows.flatMap(({ script }) => script?.rows ?? []);
  return merged(rows.filter(({ row }) => row.name === name));
}

export function checkOf({ windows }: ScriptRun, name: string): { passes: number; fails: number } {
  const sum = { passes: 0, fails: 0 };
  for (const check of windows.flatMap(({ script }) => script?.checks ?? [])) {
    if (check.name !== name) continue;
    sum.passes += check.passes;
    sum.fails += check.fails;
  }
  return sum;
}
