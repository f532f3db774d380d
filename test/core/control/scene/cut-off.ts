import { memoryTransport, type ScriptedAgent } from './scripted-agent.ts';
import type { Stage } from './stage.ts';

interface CutOff {
  /** How long the run lasts. */
  readonly seconds: number;
  /** The second after which the agent is back, and sends what it could not send. */
  readonly back: number;
  /** Adds the window of a second to those of an agent. */
  readonly measured: (agent: ScriptedAgent, second: number) => void;
}

/** A run with an agent that sends each second, and one of which control hears nothing from its third second on until it is back. */
export async function withCutOff(
  { clock, control }: Stage,
  runId: string,
  [steady, away]: readonly [ScriptedAgent, ScriptedAgent],
  { seconds, back, measured }: CutOff,
): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    const seq = second + 1;
    await clock.advance(1e6);
    if (second === 2) away.cut();
    measured(steady, second);
    measured(away, second);
    steady.sendWindow(runId, seq);
    if (second < 2) away.sendWindow(runId, seq);
    if (second !== back) continue;
    void away.join(memoryTransport(control));
    await clock.until(away.next('welcome'));
    for (let missing = 3; missing <= seq; missing++) away.sendWindow(runId, missing);
  }
  for (let seq = back + 2; seq <= seconds; seq++) away.sendWindow(runId, seq);
  await clock.advance(1e6);
}
