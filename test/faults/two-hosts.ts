import { execFileSync } from 'node:child_process';
import type { Test } from 'tap';

/** The addresses of docs/distributed.md. */
export const CONTROL_HOST = '10.0.0.5';
export const AGENTS_HOST = '10.0.0.9';

/** Two network namespaces with a cable between them: to each, the other is another host. */
export class TwoHosts {
  readonly #control = `bench-control-${process.pid}`;
  readonly #agents = `bench-agents-${process.pid}`;

  /** @throws an Error that says what to do, when this is not root or `ip` is not there */
  constructor(t: Pick<Test, 'teardown'>) {
    const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    t.teardown(() => {
      for (const name of [this.#control, this.#agents]) ip('netns', 'del', name);
    });
    try {
      for (const name of [this.#control, this.#agents]) ip('netns', 'add', name);
      ip('-n', this.#control, 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'wire', 'netns', this.#agents);
    } catch (error) {
      throw new Error(`This test needs root, and \`ip\` (iproute2), for network namespaces: ${error}`);
    }
    for (const [name, address] of [
      [this.#control, CONTROL_HOST],
      [this.#agents, AGENTS_HOST],
    ] as const) {
      ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', 'wire');
      for (const device of ['lo', 'wire']) ip('-n', name, 'link', 'set', device, 'up');
    }
  }

  /** What makes a process run on that host, before the process's own command. */
  get onControl(): readonly string[] {
    return ['ip', 'netns', 'exec', this.#control];
  }

  get onAgents(): readonly string[] {
    return ['ip', 'netns', 'exec', this.#agents];
  }
}
