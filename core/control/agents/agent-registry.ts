import type { Join } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { SILENCE_LIMIT_US } from '../../agent-limits.ts';
import { BenchError } from '../../error.ts';
import { withTimeout } from '../../timeout.ts';
import {
  HELD_UP_US,
  PREPARE_LIMIT_US,
  PROBE_INTERVAL_US,
  QUIET_LIMIT_US,
  RETURN_LIMIT_US,
  SWEEP_US,
} from '../limits.ts';
import { AgentConnection, type AgentStream, type ConnectionContext } from './agent-connection.ts';
import { type AgentIdentity, identityOf, type Labels, refusalOf } from './join-request.ts';

/** Which agents a run waits for. */
export interface Gathering {
  /** How many agents there must be; 1 or more. */
  readonly atLeast: number;
  readonly labels: Labels;
  readonly timeoutUs: number;
  readonly signal: AbortSignal;
  /** Control's own `host:port`, for the command that the error message advises. */
  readonly address: string;
}

/** The agents that have joined, by name. It probes their clocks, and finds out which are lost. */
export class AgentRegistry {
  readonly #context: ConnectionContext;
  readonly #connections = new Map<string, AgentConnection>();
  readonly #listeners = new Set<() => void>();
  #cancelSweep: () => void;

  constructor(context: ConnectionContext) {
    this.#context = context;
    this.#cancelSweep = this.#sweepAt(context.clock.nowUs() + SWEEP_US);
  }

  /** The connections of agents that are here or may come back, ordered by name. */
  get connections(): AgentConnection[] {
    return [...this.#connections.values()]
      .filter(({ presence }) => presence !== 'gone')
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Agents that are here, take part in no run, and have all of these labels; ordered by name. */
  idle(labels: Labels): AgentConnection[] {
    return this.connections.filter((connection) => isIdle(connection, labels));
  }

  /**
   * Whether an agent of this caller takes part in the run.
   * @param certificate its serial number; empty without TLS, where all callers are one user's
   */
  takesPart(certificate: string, runId: string): boolean {
    // Asked for each content that an agent fetches: the list of all agents in their order is not made for it.
    for (const agent of this.#connections.values()) {
      if (agent.presence !== 'gone' && agent.certificate === certificate && agent.listener?.runId === runId)
        return true;
    }
    return false;
  }

  /** Calls back whenever an agent has come or gone, or is free again. @returns a function that ends this */
  watch(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  /** Frees these agents for another run. */
  release(connections: readonly AgentConnection[]): void {
    for (const connection of connections) connection.release();
    this.#changed();
  }

  /** @returns the agent's connection, or a sentence that says why it is refused */
  join(join: Join, stream: AgentStream): AgentConnection | string {
    const refusal = refusalOf(join);
    if (refusal) return refusal;
    const known = this.#connections.get(join.name);
    if (known && known.presence !== 'gone' && known.certificate !== stream.certificate) {
      return `an agent named "${join.name}" has joined with another certificate: give this one another name with --name`;
    }
    if (known?.epoch === join.epoch && known.presence !== 'gone') {
      known.connect(stream);
      this.#changed();
      return known;
    }
    if (known?.presence === 'here') {
      return `an agent named "${join.name}" has joined already, from ${known.environment.host}: give this one another name with --name`;
    }
    known?.leave('another agent process took its name');
    const identity = identityOf(join, stream.certificate);
    const connection = new AgentConnection(identity, this.#context);
    this.#connections.set(join.name, connection);
    connection.connect(stream);
    connection.probe(0);
    this.#changed();
    return connection;
  }

  /** Adds an agent that had joined the previous control process: it is away, and expected back. */
  expect(identity: AgentIdentity): AgentConnection {
    const connection = new AgentConnection(identity, this.#context);
    // While control was away, the agent has waited longer and longer between its attempts to reconnect.
    connection.forgive(RETURN_LIMIT_US);
    this.#connections.get(identity.name)?.leave('another agent process took its name');
    this.#connections.set(identity.name, connection);
    return connection;
  }

  /** Called when a stream has ended. An agent without a run is forgotten; one with a run may come back. */
  disconnected(connection: AgentConnection, stream: AgentStream): void {
    connection.disconnect(stream);
    if (connection.presence === 'away' && connection.listener === undefined) connection.leave('it has disconnected');
    this.#changed();
  }

  /**
   * Waits until this many agents with these labels are here without a run.
   * @returns all that are here then, ordered by name
   * @throws {BenchError} with the code `agents_missing`, or the signal's reason
   */
  async gather({ atLeast, labels, timeoutUs, signal, address }: Gathering): Promise<AgentConnection[]> {
    const enough = Promise.withResolvers<void>();
    const look = () => {
      if (this.#idleCount(labels) >= atLeast) enough.resolve();
    };
    const unwatch = this.watch(look);
    look();
    try {
      await withTimeout(this.#context.clock, timeoutUs, 'time is over', () => enough.promise, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      const message = missingAgents(this.idle(labels).length, atLeast, labels, timeoutUs, address);
      throw new BenchError('agents_missing', message, { cause: error });
    } finally {
      unwatch();
    }
    return this.idle(labels);
  }

  /** Closes all streams. */
  close(): void {
    this.#cancelSweep();
    for (const connection of this.connections) connection.leave('control has ended');
    this.#connections.clear();
  }

  #sweepAt(dueUs: number): () => void {
    const { clock } = this.#context;
    return clock.after(dueUs - clock.nowUs(), () => {
      const nowUs = clock.nowUs();
      this.#sweep(nowUs, nowUs - dueUs);
      this.#cancelSweep = this.#sweepAt(nowUs + SWEEP_US);
    });
  }

  /** @param lateUs how late this sweep is: what agents sent meanwhile is still waiting to be read */
  #sweep(nowUs: number, lateUs: number): void {
    for (const connection of this.#connections.values()) {
      if (lateUs > HELD_UP_US) connection.forgive(lateUs);
      const isBusy = connection.presence === 'here' && connection.listener?.isPreparing;
      const limitUs = isBusy ? PREPARE_LIMIT_US : SILENCE_LIMIT_US;
      const isSilent = nowUs - connection.heardUs > limitUs;
      if (isSilent && connection.listener === undefined) connection.leave('it was silent for too long');
      else if (isSilent) connection.lose(limitUs);
      else connection.probe(PROBE_INTERVAL_US, QUIET_LIMIT_US);
      if (connection.presence === 'gone') this.#connections.delete(connection.name);
    }
  }

  /** Called at every join, and thousands of agents may join at once: so it makes no list. */
  #idleCount(labels: Labels): number {
    let count = 0;
    for (const connection of this.#connections.values()) if (isIdle(connection, labels)) count++;
    return count;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function isIdle(connection: AgentConnection, labels: Labels): boolean {
  return connection.presence === 'here' && connection.listener === undefined && hasLabels(connection, labels);
}

function hasLabels({ labels }: AgentConnection, wanted: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

function missingAgents(joined: number, wanted: number, labels: Labels, timeoutUs: number, address: string): string {
  const named = Object.entries(labels).map(([name, value]) => ` --label ${name}=${value}`);
  const start = `\`bench agent --control ${address}${named.join('')}\``;
  const which = named.length === 0 ? '' : ` with the labels${named.join('').replaceAll(' --label', '')}`;
  const after = `after ${timeoutUs / 1e6}s`;
  if (joined === 0 && wanted === 1) return `no agent${which} had joined ${after}: start one with ${start}`;
  return `${joined} of ${wanted} agents${which} had joined ${after}: start more with ${start} or lower --expect-agents`;
}
