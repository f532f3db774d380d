import type { Test } from 'tap';
import { type AgentExit, type AgentOptions, runAgent } from '../../agents/agent.ts';
import type { DriverPlugin } from '../../core/plugin.ts';
import { ScriptedControl } from './scripted-control.ts';

export interface JoinedAgent {
  readonly control: ScriptedControl;
  readonly port: number;
  readonly agent: Promise<AgentExit>;
  readonly leave: AbortController;
  readonly log: readonly string[];
}

/** An agent that has joined over gRPC; the test plays its control, with runs r1 and r2. */
export async function joinedAgent(
  t: Pick<Test, 'teardown'>,
  driver: DriverPlugin,
  options: Pick<AgentOptions, 'load'> = {},
): Promise<JoinedAgent> {
  const control = new ScriptedControl();
  const port = await control.listen();
  const leave = new AbortController();
  const log: string[] = [];
  const agent = runAgent({
    ...options,
    control: `127.0.0.1:${port}`,
    name: 'a1',
    labels: {},
    drivers: [driver.name],
    loadDriver: async () => driver,
    log: (line) => log.push(line),
    signal: leave.signal,
  });
  t.teardown(async () => {
    for (const runId of ['r1', 'r2']) control.send({ case: 'runEnded', value: { runId } });
    leave.abort();
    await agent;
    control.close();
  });
  await control.next('join');
  control.send({ case: 'welcome', value: { controlVersion: 'test' } });
  return { control, port, agent, leave, log };
}
