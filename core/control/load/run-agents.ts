import { nanoid } from 'nanoid';
import type { Clock } from '../../clock.ts';
import { errorMessage } from '../../error.ts';
import { countsIterations, isLoadMovable, takesArrivals } from '../../plan/load-model.ts';
import type { ParsedPlan } from '../../plan/schema.ts';
import { equalShare, type Share } from '../../plan/split.ts';
import type { RunTotals } from '../../stats/merge.ts';
import { withTimeout } from '../../timeout.ts';
import type { AgentLink } from '../agents/agent-connection.ts';
import type { Roster } from '../agents/agent-registry.ts';
import type { ClockEstimate } from '../agents/clock-estimate.ts';
import type { Collector } from '../ingest/window-collector.ts';
import { PREPARE_LIMIT_US } from '../limits.ts';
import type { Started } from '../run/checkpoint.ts';
import type { RunStop } from '../run/run-cancellation.ts';
import type { RunJournal } from '../run/run-events.ts';
import type { RunSpec } from '../run/run-spec.ts';
import { startOnClock } from '../run/start-instant.ts';
import type { Departure } from './early-exit.ts';
import type { ParticipantSurroundings } from './participant-surroundings.ts';
import { Participant } from './run-agent.ts';

export interface CrewOptions {
  readonly runId: string;
  readonly spec: RunSpec;
  readonly totals: RunTotals;
  readonly collector: Collector;
  readonly roster: Roster;
  readonly time: Clock;
  readonly stop: RunStop;
  readonly journal: RunJournal;
  /** Resolves when what was settled before is stored, or cannot be for now. */
  readonly stored: () => Promise<void>;
  /** A member's progress or presence has changed. */
  readonly changed: (member: Participant) => void;
  /** A member that was away is here again. */
  readonly back: (member: Participant) => void;
  /** The load of a member ends before its time. */
  readonly leaving: (member: Participant, departure: Departure) => void;
}

/** The agents that take part in one run: those of the start, and those that come while it goes on. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #members: Participant[] = [];
  readonly #attempt = nanoid(12);
  /** On control's clock, once it is known. */
  #startUs: number | undefined;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** Those of the start first. */
  get members(): readonly Participant[] {
    return this.#members;
  }

  /** Not yet of an agent that prepares to take part while the load runs. */
  has(participant: Participant): boolean {
    return this.#members.includes(participant);
  }

  /** Members of the start, with equal shares. @throws when there are too many of them for the plan */
  enlist(links: readonly AgentLink[]): void {
    const { totals } = this.#options;
    links.forEach((link, index) => {
      const member = this.#participant(link, totals.addAgent(), equalShare(index, links.length));
      this.#members.push(member);
      link.takePart(member);
    });
    refuseIdleAgents(this.#options.spec.plan, links.length);
  }

  /** Members that another control process had, and that are in the totals; they are on their way back. */
  takeUp(started: Started): void {
    const { roster, time } = this.#options;
    const startUs = startOnClock(started.start, time);
    this.#startUs = startUs;
    const returning = started.agents.map((agent) => ({ ...agent, link: roster.expect(agent) }));
    returning.forEach(({ link, share, changes, closed }, index) => {
      const member = this.#participant(link, index, share);
      this.#members.push(member);
      link.takePart(member);
      member.takeUp(startUs, changes, closed);
      if (link.presence === 'gone') member.gone('another agent process took its name');
    });
  }

  /** Has all members open their drivers and connect. @throws with the problems of those that cannot */
  async prepare(): Promise<void> {
    for (const member of this.#members) member.assign();
    const problems = (
      await Promise.all(this.#members.map((member) => this.#readiness(member, this.#options.stop.drain)))
    ).flat();
    if (problems.length > 0) throw new Error(problems.join('\n'));
    for (const member of this.#members) this.#tellWarnings(member);
  }

  /** @throws when one does not answer, or the run is stopped */
  measureClocks(): Promise<ClockEstimate[]> {
    const { drain } = this.#options.stop;
    return Promise.all(
      this.#members.map(async ({ name, link }) => {
        try {
          return await link.measureClock(drain);
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
  async admit(link: AgentLink, startUs: number, over: AbortSignal): Promise<Participant | undefined> {
    const { journal, roster, totals } = this.#options;
    const member = this.#participant(link, totals.addAgent(), undefined);
    totals.setPresence(member.index, 'left');
    link.takePart(member);
    member.assign();
    try {
      const problems = await this.#readiness(member, over);
      if (problems.length > 0) throw new Error(problems.join('; '));
      const clock = await link.measureClock(over);
      over.throwIfAborted();
      if (member.leftUs !== undefined) throw new Error('it was told to end');
      this.#members.push(member);
      totals.setPresence(member.index, 'here');
      member.start(startUs, clock);
      this.#tellWarnings(member);
      return member;
    } catch (error) {
      if (!over.aborted) journal.note(`agent ${link.name} cannot take part: ${errorMessage(error)}`);
      roster.release([link]);
      return undefined;
    }
  }

  release(): void {
    this.#options.roster.release(this.#members.map(({ link }) => link));
  }

  async #readiness(member: Participant, signal: AbortSignal): Promise<string[]> {
    const { time } = this.#options;
    const message = `agent ${member.name} was not ready after ${PREPARE_LIMIT_US / 1e6} s`;
    const problems = await withTimeout(time, PREPARE_LIMIT_US, message, () => member.readiness, signal);
    return problems.map((problem) => `agent ${member.name}: ${problem}`);
  }

  #tellWarnings({ name, warnings }: Participant): void {
    for (const warning of warnings) this.#options.journal.note(`agent ${name} warns: ${warning}`);
  }

  #participant(link: AgentLink, index: number, share: Share | undefined): Participant {
    const { runId, spec, totals, collector, time, journal, stop, stored, changed, back, leaving } = this.#options;
    const surroundings: ParticipantSurroundings = {
      runId,
      attempt: this.#attempt,
      totals,
      nowUs: () => time.nowUs(),
      stored,
      changed,
      back: (member) => {
        void this.#learnClock(member);
        back(member);
      },
      window: (member, report) => collector.receive(member, report),
      note: (text) => journal.note(text),
      leaving,
      stoppedBefore: ({ name }) =>
        stop.request('request', `the control process before this one had told agent ${name} to stop`),
    };
    const plan = { json: spec.json, baseDirectory: spec.baseDirectory };
    const keepsIterations = Object.values(spec.plan.scenarios).some(countsIterations);
    const isTimed = isLoadMovable(spec.plan);
    return new Participant(link, index, { plan, share, keepsIterations, isTimed }, surroundings);
  }

  /** A member that was started by another control process: this one does not know its clock yet. */
  async #learnClock(member: Participant): Promise<void> {
    if (this.#startUs === undefined || !member.isStarted || member.isClockKnown) return;
    // When it does not answer, it is asked again at its next return.
    const clock = await member.link.measureClock(this.#options.stop.cut).catch(() => undefined);
    if (clock) member.start(this.#startUs, clock);
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
