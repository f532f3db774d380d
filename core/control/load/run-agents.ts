import { nanoid } from 'nanoid';
import { BenchError, errorMessage } from '../../error.ts';
import { bytesOf } from '../../plan/bundle.ts';
import { takesArrivals } from '../../plan/load/load-model.ts';
import { equalShare, type Share } from '../../plan/load/split.ts';
import type { ParsedPlan } from '../../plan/schema.ts';
import { withTimeout } from '../../timeout.ts';
import type { AgentConnection, ClockMeasurement } from '../agents/agent-connection.ts';
import type { AgentRegistry } from '../agents/agent-registry.ts';
import type { ClockEstimate } from '../agents/clock-estimate.ts';
import { END_PROBE_LIMIT_US, PREPARE_LIMIT_US, SLOWEST_SENDING } from '../limits.ts';
import type { Started } from '../run/checkpoint.ts';
import type { RunContext } from '../run/run-context.ts';
import { RunAgent, type RunAgentContext } from './run-agent.ts';
import { RunRows } from './run-rows.ts';

/** How often agents of one name may join a running load: one that ends and starts again without end takes memory each time. */
const MAX_ADMISSIONS = 20;
/** The same for agents of all names together, which may be made up. */
const MAX_LATE_AGENTS = 10_000;
const AT_THE_END: ClockMeasurement = { probes: 1, limitUs: END_PROBE_LIMIT_US };

/** The agents that take part in one run: those of the start, and those that join while its load runs. */
export class RunAgents {
  readonly #run: RunContext;
  readonly #registry: AgentRegistry;
  readonly #context: RunAgentContext;
  /** What they use up together. */
  readonly rows: RunRows;
  readonly #agents: RunAgent[] = [];
  readonly #measuring = new Set<RunAgent>();
  #changed: (agent: RunAgent) => void = () => {};
  #closeDoor: () => void = () => {};
  /** The run start on control's clock, once it is known. */
  #startUs = Number.POSITIVE_INFINITY;

  /** @param receive takes the windows of all agents; it may throw a WireError */
  constructor(run: RunContext, registry: AgentRegistry, receive: RunAgentContext['receive']) {
    this.#run = run;
    this.#registry = registry;
    this.rows = new RunRows(run);
    this.#context = { run, attempt: nanoid(12), rows: this.rows, receive, changed: (agent) => this.#onChange(agent) };
  }

  /** The agents of the start first. Agents that still prepare to join a running load are not among them. */
  get all(): readonly RunAgent[] {
    return this.#agents;
  }

  /** Whether nothing is known to have been done of some agent's share in that second of the run, which is over. */
  readonly missesLoadIn = (second: number): boolean =>
    this.#agents.some((agent) => agent.missing((second + 1) * 1e6).some(({ toSecond }) => toSecond > second));

  /** False for an agent that still prepares to join a running load. */
  has(agent: RunAgent): boolean {
    return this.#agents.includes(agent);
  }

  /**
   * Calls the listener after every change of an agent's progress, presence or early exit, and when an agent has joined
   * the load. There is one listener; it sees agents that still prepare to join, too.
   */
  watch(listener: (agent: RunAgent) => void): void {
    this.#changed = listener;
  }

  /**
   * Takes the agents of the start, with equal shares.
   * @throws {BenchError} with the code `too_many_agents`
   */
  enlist(connections: readonly AgentConnection[]): void {
    const { spec, totals } = this.#run;
    connections.forEach((connection, index) => {
      const share = equalShare(index, connections.length);
      const agent = this.#agentOf(connection, totals.addAgent(connection.name), share);
      this.#agents.push(agent);
      connection.attach(agent);
    });
    refuseIdleAgents(spec.plan, connections.length);
  }

  /**
   * Goes on with the agents of another control process, which are in the totals already and expected back.
   * @param startUs the run start on control's clock
   */
  recover({ agents, rows }: Started, startUs: number): void {
    this.#startUs = startUs;
    this.rows.recover(rows);
    const returning = agents.map((stored) => ({ ...stored, connection: this.#registry.expect(stored) }));
    returning.forEach(({ connection, share, changes, closed }, index) => {
      const agent = this.#agentOf(connection, index, share);
      this.#agents.push(agent);
      connection.attach(agent);
      agent.recover(startUs, changes, closed);
      if (connection.presence === 'gone') agent.gone('another agent process took its name');
    });
  }

  /**
   * Has all agents open their drivers and connect their first virtual users.
   * @throws {BenchError} with the problems of those that cannot, or the reason of the run's cancellation
   */
  async prepare(): Promise<void> {
    const { drain } = this.#run.cancellation;
    for (const agent of this.#agents) agent.assign();
    const problems = (await Promise.all(this.#agents.map((agent) => this.#readiness(agent, drain)))).flat();
    if (problems.length > 0) throw new BenchError('agents_not_prepared', problems.join('\n'));
    for (const agent of this.#agents) this.#recordWarnings(agent);
  }

  /** @throws {BenchError} when an agent does not answer, or the reason of the run's cancellation */
  measureClocks(): Promise<ClockEstimate[]> {
    const { drain } = this.#run.cancellation;
    return Promise.all(
      this.#agents.map(async ({ name, connection }) => {
        try {
          return await connection.measureClock(drain);
        } catch (error) {
          if (drain.aborted) throw drain.reason;
          const message = `agent ${name} does not answer clock probes: ${errorMessage(error)}`;
          throw new BenchError('agent_unreachable', message, { cause: error });
        }
      }),
    );
  }

  /**
   * Looks at the clocks of the agents that are here once more. Whatever the time between two probes, a clock that jumped at
   * the end of the load is in the result then. Never rejects.
   */
  async checkClocks(): Promise<void> {
    const here = this.#agents.filter(({ connection }) => connection.presence === 'here');
    const { abort } = this.#run.cancellation;
    const measured = here.map(({ connection }) => connection.measureClock(abort, AT_THE_END).catch(() => {}));
    await Promise.all(measured);
  }

  /** @param startUs the run start on control's clock */
  start(startUs: number, clocks: readonly ClockEstimate[]): void {
    this.#startUs = startUs;
    this.#agents.forEach((agent, i) => {
      agent.start(startUs, clocks[i] as ClockEstimate);
    });
  }

  /**
   * From now on, agents that join control and have the run's labels join its load. None waits for another, which may never be
   * ready.
   */
  openDoor(): void {
    const { agentLabels } = this.#run.policy;
    const closing = new AbortController();
    const seen = new WeakSet<AgentConnection>();
    const admissions = new Map<string, number>();
    let late = 0;
    const look = (): void => {
      for (const next of this.#registry.idle(agentLabels)) {
        if (closing.signal.aborted || late > MAX_LATE_AGENTS) return;
        if (seen.has(next)) continue;
        seen.add(next);
        late += 1;
        if (late > MAX_LATE_AGENTS) {
          const sentence = `${MAX_LATE_AGENTS} agents have joined after the start: no more take part in this run`;
          this.#run.events.record(sentence);
          return;
        }
        const admitted = admissions.get(next.name) ?? 0;
        admissions.set(next.name, admitted + 1);
        if (admitted < MAX_ADMISSIONS) void this.#admit(next, closing.signal);
        else if (admitted === MAX_ADMISSIONS) {
          this.#run.events.record(
            `agent ${next.name} has joined ${admitted} times, and takes no more part in this run`,
          );
        }
      }
    };
    const unwatch = this.#registry.watch(look);
    this.#closeDoor = () => {
      closing.abort(new BenchError('load_ended', 'the load has ended'));
      unwatch();
    };
    look();
  }

  /** No agent joins the load any more. */
  closeDoor(): void {
    this.#closeDoor();
  }

  /** Frees all agents for other runs. */
  release(): void {
    this.#registry.release(this.#agents.map(({ connection }) => connection));
  }

  /** Prepares an agent, and lets it join the load; an agent that cannot is free again, and the run goes on without it. */
  async #admit(connection: AgentConnection, closing: AbortSignal): Promise<void> {
    const { events, totals } = this.#run;
    const agent = this.#agentOf(connection, totals.addAgent(connection.name), undefined);
    totals.setPresence(agent.index, 'left');
    connection.attach(agent);
    agent.assign();
    try {
      const problems = await this.#readiness(agent, closing);
      if (problems.length > 0) throw new BenchError('agents_not_prepared', problems.join('; '));
      const clock = await connection.measureClock(closing);
      closing.throwIfAborted();
      if (agent.leftUs !== undefined) throw new BenchError('agent_leaving', 'it was told to end');
      this.#agents.push(agent);
      totals.setPresence(agent.index, 'here');
      agent.start(this.#startUs, clock);
      this.#recordWarnings(agent);
    } catch (error) {
      if (!closing.aborted) {
        events.record(`agent ${connection.name} cannot take part: ${errorMessage(error)}`);
        events.logUnexpected(error);
      }
      this.rows.lost(agent);
      this.#registry.release([connection]);
      return;
    }
    this.#onChange(agent);
  }

  async #readiness(agent: RunAgent, signal: AbortSignal): Promise<string[]> {
    const { entries = [] } = this.#run.spec.bundle ?? {};
    // All of them may lack what was sent with the run, and share control's link.
    const sendingUs = (bytesOf(entries) * this.#agents.length) / SLOWEST_SENDING;
    const limitUs = PREPARE_LIMIT_US + Math.ceil(sendingUs / 1e6) * 1e6;
    const message = `agent ${agent.name} was not ready after ${limitUs / 1e6} s`;
    const problems = await withTimeout(this.#run.clock, limitUs, message, () => agent.readiness, signal);
    return problems.map((problem) => `agent ${agent.name}: ${problem}`);
  }

  #recordWarnings({ name, warnings }: RunAgent): void {
    for (const warning of warnings) this.#run.events.record(`agent ${name} warns: ${warning}`);
  }

  #agentOf(connection: AgentConnection, index: number, share: Share | undefined): RunAgent {
    return new RunAgent(connection, index, share, this.#context);
  }

  #onChange(agent: RunAgent): void {
    void this.#learnClock(agent);
    this.#changed(agent);
  }

  /** Measures the clock of an agent that another control process started, once it is back. */
  async #learnClock(agent: RunAgent): Promise<void> {
    const isHere = agent.connection.presence === 'here';
    if (!isHere || !agent.isStarted || agent.isClockKnown || this.#measuring.has(agent)) return;
    this.#measuring.add(agent);
    // An agent that does not answer is asked again after its next change.
    const clock = await agent.connection.measureClock(this.#run.cancellation.abort).catch(() => undefined);
    this.#measuring.delete(agent);
    if (clock) agent.start(this.#startUs, clock);
  }
}

/** An agent without a virtual user would drop all arrivals of its share, and the target would be blamed for it. */
function refuseIdleAgents(plan: ParsedPlan, agents: number): void {
  for (const [name, scenario] of Object.entries(plan.scenarios)) {
    if (!takesArrivals(scenario) || scenario.maxVus >= agents) continue;
    throw new BenchError(
      'too_many_agents',
      `scenario ${name}: maxVus is ${scenario.maxVus}, and the run has ${agents} agents: an agent without a virtual user would drop all its arrivals; set maxVus to ${agents} or more, or run with fewer agents`,
    );
  }
}
