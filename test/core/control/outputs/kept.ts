/** An output that keeps what it gets, and the agent of a run that is told by it. */
import type { Output, OutputSecond, RunSoFar } from '../../../../core/output.ts';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import type { RunResult } from '../../../../core/stats/result.ts';
import type { ScriptedAgent } from '../scene/scripted-agent.ts';
import { longPlan, type Stage } from '../scene/stage.ts';

/** Keeps all that it is given, as a database would: a second that is given again replaces what was there. */
export class Kept implements Output {
  readonly calls: OutputSecond[] = [];
  readonly seconds = new Map<number, OutputSecond>();
  ended: RunResult | undefined;
  isClosed = false;

  async second(figures: OutputSecond, _signal: AbortSignal): Promise<void> {
    this.calls.push(figures);
    this.seconds.set(figures.second, figures);
  }

  end(result: RunResult): void {
    this.ended = result;
  }

  close(): void {
    this.isClosed = true;
  }

  get soFar(): RunSoFar[] {
    return this.calls.flatMap(({ soFar }) => soFar ?? []);
  }

  /** Requests and errors of all seconds together. */
  get sums(): readonly [number, number] {
    const rows = [...this.seconds.values()].flatMap(({ rows }) => rows);
    return [rows.reduce((sum, { requests }) => sum + requests, 0), rows.reduce((sum, { errors }) => sum + errors, 0)];
  }
}

export function sumsOf({ operations }: Pick<RunResult, 'operations'>): readonly [number, number] {
  const phases = operations.flatMap(({ phases: { warmup, measure } }) => [warmup, measure]);
  return [phases.reduce((sum, { requests }) => sum + requests, 0), phases.reduce((sum, { errors }) => sum + errors, 0)];
}

export const planWith = (seconds: number, ...outputs: string[]): PlanInput => ({
  ...longPlan(seconds),
  outputs: Object.fromEntries(outputs.map((name) => [name, {}])),
});

const OF_A_SECOND = { responseUs: [1000, 2000, 250_000], errors: 1 };

/** Seconds of a run, with this many requests and one failure in each. */
export async function seconds(
  scene: Stage,
  runId: string,
  agent: ScriptedAgent,
  from: number,
  to: number,
): Promise<void> {
  for (let second = from; second < to; second++) {
    agent.window(second + 1, second, [OF_A_SECOND]);
    agent.sendWindow(runId, second + 1);
    await scene.clock.advance(1e6);
  }
}

/** The agent of a run of ten seconds joins another control after four of them, and is through with its part. */
export async function comesBack(scene: Stage, runId: string, identity: ScriptedAgent): Promise<void> {
  const agent = await scene.agent(identity);
  for (let second = 0; second < 4; second++) agent.window(second + 1, second, [OF_A_SECOND]);
  await seconds(scene, runId, agent, 4, 10);
  agent.sendDone(runId);
}
