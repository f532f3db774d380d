import { refuseControlOnDeno } from '../commands/control.ts';
import { storeArguments } from '../files/store-location.ts';
import { Child } from './child.ts';

/** A control and its agents, started for one run and ended after it. */
export interface LocalControl {
  readonly address: string;
  readonly control: Child;
  readonly agents: readonly Child[];
  /** As it was given. */
  readonly store: string;
  /** @param atOnce without letting them drain */
  end(atOnce?: boolean): Promise<void>;
}

/**
 * @param agentCount how many agent processes
 * @param store as for `bench control --store`
 * @throws {CommandError} when a process does not come up; nothing is left behind then
 */
export async function startLocalControl(agentCount: number, store: string): Promise<LocalControl> {
  refuseControlOnDeno('start `bench control` with Node or Bun, and give its address with --control host:port.');
  const { flags, environment } = storeArguments(store);
  const listening = ['--host', '127.0.0.1', '--port', '0'];
  const control = new Child('control', 'the private control', [...listening, ...flags], { environment });
  const agents: Child[] = [];
  const end = async (atOnce = false) => {
    await Promise.all(agents.map((agent) => agent.end(atOnce)));
    await control.end(atOnce);
  };
  try {
    const address = await control.ready;
    for (let i = 1; i <= agentCount; i++) {
      agents.push(new Child('agent', `agent-${i}`, ['--control', address, '--name', `agent-${i}`]));
    }
    await Promise.all(agents.map(({ ready }) => ready));
    return { address, control, agents, store, end };
  } catch (error) {
    await end();
    throw error;
  }
}
