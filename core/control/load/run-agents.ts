import { nanoid } from 'nanoid';
import type { Clock } from '../../clock.ts';
import { errorMessage } from '../../error.ts';
import { countsIterations, isLoadMovable, takesArrivals } from '../../plan/load-model.ts';
import type { ParsedPlan } from '../../plan/schema.ts';
import { equalShare, type Share } from '../../plan/split.ts';
import type { RunTotals } from '../../stats/merge.ts';
import { withTimeout } from '../../timeout.ts';
import type { AgentConnection } from '../agents/agent-connection.ts';
import type { AgentRegistry } from '../agents/agent-registry.ts';
import type { ClockEstimate } from '../agents/clock-estimate.ts';
import type { WindowCollector } from '../ingest/window-collector.ts';
import { PREPARE_LIMIT_US } from '../limits.ts';
import type { Started } from '../run/checkpoint.ts';
import type { RunCancellation } from '../run/run-cancellation.ts';
import type { RunJournal } from '../run/run-events.ts';
import type { RunSpec } from '../run/run-spec.ts';
import { startOnClock } from '../run/start-instant.ts';
import type { EarlyExit } from './early-exit.ts';
import type { RunAgentContext } from './participant-surroundings.ts';
import { RunAgent } from './run-agent.ts';

export interface RunAgentsOptions {
  readonly runId: string;
  readonly spec: RunSpec;
  readonly totals: RunTotals;
  readonly collector: WindowCollector;
  readonly registry: AgentRegistry;
  readonly clock: Clock;
  readonly stop: RunCancellation;
  readonly journal: RunJournal;
  /** Resolves when what was settled before is stored, or cannot be for now. */
  readonly stored: () => Promise<void>;
  /** A member's progress or presence has changed. */
  readonly changed: (agent: RunAgent) => void;
  /** A member that was away is here again. */
  readonly back: (agent: RunAgent) => void;
  /** The load of a member ends before its time. */
  readonly leaving: (agent: RunAgent, departure: EarlyExit) => void;
}

/** The agents that take part in one run: those of the start, and those that come while it goes on. */
export class RunAgents {
  readonly #options: RunAgentsOptions;
  readonly #agents: RunAgent[] = [];
  readonly #attempt = nanoid(12);
  /** On control's clock, once it is known. */
  #startUs: number | undefined;

  constructor(options: RunAgentsOptions) {
    this.#options = options;
  }

  /** Those of the start first. */
  get agents(): readonly RunAgent[] {
    return this.#agents;
  }

  /** Not yet of an agent that prepares to take part while the load runs. */
  has(agent: RunAgent): boolean {
    return this.#agents.includes(agent);
  }

  /** Members of the start, with equal shares. @throws when there are too many of them for the plan */
  enlist(connections: readonly AgentConnection[]): void {
    const { totals } = this.#options;
    connections.forEach((connection, index) => {
      const agent = this.#agent(connection, totals.addAgent(), equalShare(index, connections.length));
      this.#agents.push(agent);
      connection.takePart(agent);
    });
    refuseIdleAgents(this.#options.spec.plan, connections.length);
  }

  /** Members that another control process had, and that are in the totals; they are on their way back. */
  recover(started: Started): void {
    const { registry, clock } = this.#options;
    const startUs = startOnClock(started.start, clock);
    this.#startUs = startUs;
    const returning = started.agents.map((agent) => ({ ...agent, connection: registry.expect(agent) }));
    returning.forEach(({ connection, share, changes, closed }, index) => {
      const agent = this.#agent(connection, index, share);
      this.#agents.push(agent);
      connection.takePart(agent);
      agent.recover(startUs, changes, closed);
      if (connection.presence === 'gone') agent.gone('another agent process took its name');
    });
  }

  /** Has all members open their drivers and connect. @throws with the problems of those that cannot */
  async prepare(): Promise<void> {
    for (const agent of this.#agents) agent.assign();
    const problems = (
      await Promise.all(this.#agents.map((agent) => this.#readiness(agent, this.#options.stop.drain)))
    ).flat();
    if (problems.length > 0) throw new Error(problems.join('\n'));
    for (const agent of this.#agents) this.#tellWarnings(agent);
  }

  /** @throws when one does not answer, or the run is stopped */
  measureClocks(): Promise<ClockEstimate[]> {
    const { drain } = this.#options.stop;
    return Promise.all(
      this.#agents.map(async ({ name, connection }) => {
        try {
          return await connection.measureClock(drain);
        } catch (error) {
          if (drain.aborted) throw drain.reason;
          throw new Error(`agent ${name} does not answer clock probes: ${errorMessage(error)}`);
        }
      }),
    );
  }

  started(startUs: number): void {
    this.#startUs = startUs;
  }

  /**
   * An agent that came while the load runs.
   * @param over aborted when the load ends
   * @returns undefined when it cannot take part
   */
  async admit(connection: AgentConnection, startUs: number, over: AbortSignal): Promise<RunAgent | undefined> {
    const { journal, registry, totals } = this.#options;
    const agent = this.#agent(connection, totals.addAgent(), undefined);
    totals.setPresence(agent.index, 'left');
    connection.takePart(agent);
    agent.assign();
    try {
      const problems = await this.#readiness(agent, over);
      if (problems.length > 0) throw new Error(problems.join('; '));
      const clock = await connection.measureClock(over);
      over.throwIfAborted();
      if (agent.leftUs !== undefined) throw new Error('it was told to end');
      this.#agents.push(agent);
      totals.setPresence(agent.index, 'here');
      agent.start(startUs, clock);
      this.#tellWarnings(agent);
      return agent;
    } catch (error) {
      if (!over.aborted) journal.note(`agent ${connection.name} cannot take part: ${errorMessage(error)}`);
      registry.release([connection]);
      return undefined;
    }
  }

  release(): void {
    this.#options.registry.release(this.#agents.map(({ connection }) => connection));
  }

  async #readiness(agent: RunAgent, signal: AbortSignal): Promise<string[]> {
    const { clock } = this.#options;
    const message = `agent ${agent.name} was not ready after ${PREPARE_LIMIT_US / 1e6} s`;
    const problems = await withTimeout(clock, PREPARE_LIMIT_US, message, () => agent.readiness, signal);
    return problems.map((problem) => `agent ${agent.name}: ${problem}`);
  }

  #tellWarnings({ name, warnings }: RunAgent): void {
    for (const warning of warnings) this.#options.journal.note(`agent ${name} warns: ${warning}`);
  }

  #agent(connection: AgentConnection, index: number, share: Share | undefined): RunAgent {
    const { runId, spec, totals, collector, clock, journal, stop, stored, changed, back, leaving } = this.#options;
    const context: RunAgentContext = {
      runId,
      attempt: this.#attempt,
      totals,
      nowUs: () => clock.nowUs(),
      stored,
      changed,
      back: (agent) => {
        void this.#learnClock(agent);
        back(agent);
      },
      window: (agent, report) => collector.receive(agent, report),
      note: (text) => journal.note(text),
      leaving,
      stoppedBefore: ({ name }) =>
        stop.request('request', `the control process before this one had told agent ${name} to stop`),
    };
    const plan = { json: spec.json, baseDirectory: spec.baseDirectory };
    const keepsIterations = Object.values(spec.plan.scenarios).some(countsIterations);
    const isTimed = isLoadMovable(spec.plan);
    return new RunAgent(connection, index, { plan, share, keepsIterations, isTimed }, context);
  }

  /** A member that was started by another control process: this one does not know its clock yet. */
  async #learnClock(agent: RunAgent): Promise<void> {
    if (this.#startUs === undefined || !agent.isStarted || agent.isClockKnown) return;
    // When it does not answer, it is asked again at its next return.
    const clock = await agent.connection.measureClock(this.#options.stop.cut).catch(() => undefined);
    if (clock) agent.start(this.#startUs, clock);
  }
}

/** An agent without a virtual user would drop all arrivals of its share, and the target would be blamed for it. */
function refuseIdleAgents(plan: ParsedPlan, agents: number): void {
  for (const [name, scenario] of Object.entries(plan.scenarios)) {
    if (!takesArrivals(scenario) || scenario.maxVus >= agents) continue;
    throw new Error(
      `scenario ${name}: maxVus is ${scenario.maxVus}, and the run has ${agents} agents: an agent without a virtual user would drop all its arrivals; set maxVus to ${agents} or more, or run with fewer agents`,
    );
  }
}
