import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Test } from 'tap';
import { programByApt } from '../kit/programs/apt.ts';
import { startScript } from './script.ts';

const NEEDED =
  'This test needs root, and `ip` (iproute2), for network namespaces: run it as root on Debian (apt then installs it).';

/** How long each packet takes, one way; later ones may overtake. */
export interface Delay {
  readonly meanMs: number;
  /** Up to this much more or less. */
  readonly jitterMs: number;
}

/** A host's end of a cable. */
export type End = readonly [host: Host, address: string];

/** A network namespace: to others of its kind it is another host. */
export class Host {
  readonly namespace: string;

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  /** What makes a process run on it, before the process's own command. */
  get runtime(): readonly string[] {
    return ['ip', 'netns', 'exec', this.namespace];
  }
}

/** Hosts, and cables between two of them. */
export class Hosts {
  readonly #t: Pick<Test, 'teardown'>;
  #cables = 0;

  private constructor(t: Pick<Test, 'teardown'>) {
    this.#t = t;
  }

  /** @throws an Error that says what to do, when `ip` is not there */
  static async of(t: Pick<Test, 'teardown'>): Promise<Hosts> {
    await programByApt('iproute2', () => ['/sbin/ip', '/usr/bin/ip'].some(existsSync) || undefined, NEEDED);
    return new Hosts(t);
  }

  /** @throws an Error that says what to do, when this is not root */
  add(name: string): Host {
    const host = new Host(`bench-${name}-${process.pid}`);
    try {
      ip('netns', 'add', host.namespace);
    } catch (error) {
      throw new Error(NEEDED, { cause: error });
    }
    this.#t.teardown(() => ip('netns', 'del', host.namespace));
    ip('-n', host.namespace, 'link', 'set', 'lo', 'up');
    return host;
  }

  cable(one: End, other: End): void {
    const device = `wire${this.#cables++}`;
    const [{ namespace }] = one;
    ip('-n', namespace, 'link', 'add', device, 'type', 'veth', 'peer', 'name', device, 'netns', other[0].namespace);
    this.#plugIn(device, one, other);
    this.#plugIn(device, other, one);
  }

  /** @throws an Error when the system lets nobody make network devices */
  async slowCable(one: End, other: End, { meanMs, jitterMs }: Delay): Promise<void> {
    const lines = startScript(this.#t, 'slow-link.ts', [String(meanMs), String(jitterMs)]);
    const [line] = await Promise.race([once(lines, 'line'), once(lines, 'close')]);
    if (line === undefined) throw new Error('This test needs /dev/net/tun, for a link with a delay.');
    const [near, far]: [string, string] = JSON.parse(line);
    const device = `wire${this.#cables++}`;
    ip('link', 'set', near, 'netns', one[0].namespace, 'name', device);
    ip('link', 'set', far, 'netns', other[0].namespace, 'name', device);
    this.#plugIn(device, one, other);
    this.#plugIn(device, other, one);
  }

  #plugIn(device: string, [{ namespace }, address]: End, [, peer]: End): void {
    ip('-n', namespace, 'addr', 'add', address, 'peer', peer, 'dev', device);
    ip('-n', namespace, 'link', 'set', device, 'up');
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
