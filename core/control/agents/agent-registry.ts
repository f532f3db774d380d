import type { Join } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { withTimeout } from '../../timeout.ts';
import { PROTOCOL_VERSION, VERSION } from '../../version.ts';
import {
  HELD_UP_US,
  PROBE_INTERVAL_US,
  QUIET_LIMIT_US,
  RETURN_LIMIT_US,
  SILENCE_LIMIT_US,
  SWEEP_US,
} from '../limits.ts';
import { type AgentConnection, AgentLink, type LinkSurroundings } from './agent-connection.ts';
import { type AgentIdentity, identityOf } from './join-request.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in a name
const NAME = /^[^\x00-\x1f\x7f]{1,80}$/;
const LONGEST_EPOCH = 64;
const MOST_LABELS = 20;
const LABEL = /^[\w.-]{1,80}$/;

export type Labels = Readonly<Record<string, string>>;

/** Which agents a run waits for. */
export interface Gathering {
  /** 1 or more. */
  readonly least: number;
  readonly labels: Labels;
  readonly timeoutUs: number;
  readonly signal: AbortSignal;
  /** Control's own, for advice. */
  readonly address: string;
}

/** The agents that have joined, by name. Watches over them: probes their clocks, and tells which are lost. */
export class Roster {
  readonly #surroundings: LinkSurroundings;
  readonly #links = new Map<string, AgentLink>();
  readonly #listeners = new Set<() => void>();
  #cancelSweep: () => void;

  constructor(surroundings: LinkSurroundings) {
    this.#surroundings = surroundings;
    this.#cancelSweep = this.#sweepAt(surroundings.time.nowUs() + SWEEP_US);
  }

  /** Agents that are here, may come back, or take part in a run; by name. */
  get links(): AgentLink[] {
    return [...this.#links.values()]
      .filter(({ presence }) => presence !== 'gone')
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Agents that are here, have no run, and have all of these labels. */
  idle(labels: Labels): AgentLink[] {
    return this.links.filter((link) => isIdle(link, labels));
  }

  /** Calls whenever an agent has come or gone, or is free again. @returns ends it */
  watch(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  /** The run of these agents is over for them. */
  release(links: readonly AgentLink[]): void {
    for (const link of links) link.release();
    this.#changed();
  }

  /** @returns the agent, or a sentence that says why it is not taken */
  join(join: Join, connection: AgentConnection): AgentLink | string {
    const refusal = refusalOf(join);
    if (refusal) return refusal;
    const known = this.#links.get(join.name);
    if (known && known.presence !== 'gone' && known.certificate !== connection.certificate) {
      return `an agent named "${join.name}" has joined with another certificate: give this one another name with --name`;
    }
    if (known?.epoch === join.epoch && known.presence !== 'gone') {
      known.connect(connection);
      this.#changed();
      return known;
    }
    if (known?.presence === 'here') {
      return `an agent named "${join.name}" has joined already, from ${known.environment.host}: give this one another name with --name`;
    }
    known?.leave('another agent process took its name');
    const identity = identityOf(join, connection.certificate);
    const link = new AgentLink(identity, this.#surroundings);
    this.#links.set(join.name, link);
    link.connect(connection);
    link.probe(0);
    this.#changed();
    return link;
  }

  /** An agent that had joined the control process before this one: it is away, and on its way back. */
  expect(identity: AgentIdentity): AgentLink {
    const link = new AgentLink(identity, this.#surroundings);
    // Its attempts to come back have grown rarer while control was away.
    link.forgive(RETURN_LIMIT_US);
    this.#links.get(identity.name)?.leave('another agent process took its name');
    this.#links.set(identity.name, link);
    return link;
  }

  /** A stream has ended. An agent without a run is forgotten; one with a run may come back. */
  disconnected(link: AgentLink, connection: AgentConnection): void {
    link.disconnect(connection);
    if (link.presence === 'away' && link.part === undefined) link.leave('it has disconnected');
    this.#changed();
  }

  /**
   * Waits until this many agents with these labels are here without a run.
   * @returns all that are here then, by name
   * @throws the signal's reason, or an Error that says how many are missing
   */
  async gather({ least, labels, timeoutUs, signal, address }: Gathering): Promise<AgentLink[]> {
    const enough = Promise.withResolvers<void>();
    const look = () => {
      if (this.#idleCount(labels) >= least) enough.resolve();
    };
    const unwatch = this.watch(look);
    look();
    try {
      await withTimeout(this.#surroundings.time, timeoutUs, 'time is over', () => enough.promise, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      throw new Error(missing(this.idle(labels).length, least, labels, timeoutUs, address));
    } finally {
      unwatch();
    }
    return this.idle(labels);
  }

  /** Closes all streams. */
  close(): void {
    this.#cancelSweep();
    for (const link of this.links) link.leave('control has ended');
    this.#links.clear();
  }

  #sweepAt(dueUs: number): () => void {
    const { time } = this.#surroundings;
    return time.after(dueUs - time.nowUs(), () => {
      const nowUs = time.nowUs();
      this.#sweep(nowUs, nowUs - dueUs);
      this.#cancelSweep = this.#sweepAt(nowUs + SWEEP_US);
    });
  }

  /** @param lateUs how long control itself was held up: what agents sent meanwhile is still waiting to be read */
  #sweep(nowUs: number, lateUs: number): void {
    for (const link of this.#links.values()) {
      if (lateUs > HELD_UP_US) link.forgive(lateUs);
      const isSilent = nowUs - link.heardUs > SILENCE_LIMIT_US;
      if (isSilent && link.part === undefined) link.leave('it was silent for too long');
      else if (isSilent) link.lose();
      else link.probe(PROBE_INTERVAL_US, QUIET_LIMIT_US);
      if (link.presence === 'gone') this.#links.delete(link.name);
    }
  }

  /** Asked at every join, of which thousands may come at once. */
  #idleCount(labels: Labels): number {
    let count = 0;
    for (const link of this.#links.values()) if (isIdle(link, labels)) count++;
    return count;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function isIdle(link: AgentLink, labels: Labels): boolean {
  return link.presence === 'here' && link.part === undefined && hasLabels(link, labels);
}

function refusalOf({ name, epoch, protocolVersion, version, labels }: Join): string | undefined {
  if (protocolVersion !== PROTOCOL_VERSION) {
    return `the agent (version ${version || 'unknown'}) speaks protocol ${protocolVersion}, control (version ${VERSION}) speaks ${PROTOCOL_VERSION}: install the same version of @bench/toolkit on both`;
  }
  if (!NAME.test(name))
    return 'the name of an agent must have 1 to 80 characters and no control characters: give one with --name';
  if (
    Object.keys(labels).length > MOST_LABELS ||
    Object.entries(labels)
      .flat()
      .some((text) => !LABEL.test(text))
  )
    return `an agent has at most ${MOST_LABELS} labels, of 1 to 80 letters, digits and . _ - each: name=value`;
  if (epoch === '' || epoch.length > LONGEST_EPOCH)
    return `the epoch of an agent must have 1 to ${LONGEST_EPOCH} characters`;
  return undefined;
}

function hasLabels({ labels }: AgentLink, wanted: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

function missing(joined: number, wanted: number, labels: Labels, timeoutUs: number, address: string): string {
  const named = Object.entries(labels).map(([name, value]) => ` --label ${name}=${value}`);
  const start = `\`bench agent --control ${address}${named.join('')}\``;
  const which = named.length === 0 ? '' : ` with the labels${named.join('').replaceAll(' --label', '')}`;
  const after = `after ${timeoutUs / 1e6}s`;
  if (joined === 0 && wanted === 1) return `no agent${which} had joined ${after}: start one with ${start}`;
  return `${joined} of ${wanted} agents${which} had joined ${after}: start more with ${start} or lower --expect-agents`;
}
