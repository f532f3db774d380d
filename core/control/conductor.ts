import { fromBinary } from '@bufbuild/protobuf';
import { WindowSchema } from '../../proto/gen/bench/v1/window_pb.ts';
import { windowFromMessage } from '../../proto/window-codec.ts';
import { RunTotals } from '../stats/merge.ts';
import type { RunResult } from '../stats/result.ts';
import { ThresholdEvaluator } from '../verdict/thresholds.ts';
import { checkValidity } from '../verdict/validity.ts';
import { judge } from '../verdict/verdict.ts';
import type { AgentLink } from './agent-link.ts';
import { assemble } from './assemble.ts';
import { type Started, startOnClock, type TakenUp } from './checkpoint.ts';
import { Collector } from './collector.ts';
import { DriverSteps } from './driver-steps.ts';
import { PREPARE_LIMIT_US } from './limits.ts';
import { failingChecks } from './live-checks.ts';
import { LoadPhase } from './load-phase.ts';
import type { Meter } from './meter.ts';
import { MonitorSampler } from './monitor-sampler.ts';
import { Participant, type ParticipantSurroundings } from './participant.ts';
import type { Roster } from './roster.ts';
import type { RunFeed } from './run-feed.ts';
import type { RunJournal } from './run-journal.ts';
import type { RunSpec } from './run-spec.ts';
import type { RunStep } from './run-state.ts';
import type { RunStop } from './run-stop.ts';
import { snapshotOf } from './snapshot.ts';
import { SpecSecrets } from './spec-secrets.ts';
import type { RunStore } from './store.ts';
import { type Time, within } from './time.ts';

export interface ConductorOptions {
  readonly runId: string;
  readonly spec: RunSpec;
  /** 0: those that are there, at least one. */
  readonly expectAgents: number;
  readonly agentsTimeoutUs: number;
  /** Whether the others go on. */
  readonly onAgentLoss: 'continue' | 'abort';
  /** Control's own `host:port`, for advice. */
  readonly address: string;
  readonly roster: Roster;
  readonly store: RunStore;
  readonly time: Time;
  readonly meter?: Meter | undefined;
  readonly stop: RunStop;
  readonly journal: RunJournal;
  readonly feed: RunFeed;
  readonly take: (step: RunStep) => void;
  /** Its load was started by another control process, which is no more. */
  readonly takenUp: TakenUp | undefined;
  /** Stores what another process needs to take the run up. */
  readonly checkpoint: (started: Started, startUs: number) => Promise<void>;
}

/** Leads one run from the first agent to its result. */
export class Conductor {
  readonly #options: ConductorOptions;
  readonly #totals: RunTotals;
  readonly #collector: Collector;
  readonly #monitors: MonitorSampler;
  readonly #steps: DriverSteps;
  readonly #secrets: SpecSecrets;
  #participants: readonly Participant[] = [];
  #load: LoadPhase | undefined;

  constructor(options: ConductorOptions) {
    const { runId, spec, store, time, meter, journal } = options;
    const shape = {
      operations: spec.resolved.operations.length,
      drivers: spec.resolved.drivers.size,
      scenarios: Object.keys(spec.plan.scenarios).length,
    };
    const note = (text: string) => journal.note(text);
    const secrets = new SpecSecrets(spec);
    this.#secrets = secrets;
    this.#options = options;
    this.#totals = new RunTotals(shape);
    this.#collector = new Collector({ runId, shape, totals: this.#totals, store, time, meter, note });
    this.#monitors = new MonitorSampler({
      secrets,
      baseDirectory: spec.baseDirectory,
      time,
      note,
    });
    this.#steps = new DriverSteps({ runId, spec, secrets, time, progress: (text) => journal.tell(text) });
  }

  /**
   * @param keep stores the result: what follows it is only cleaning up
   * @throws an Error whose message says why there is no result
   */
  async conduct(keep: (result: RunResult) => Promise<void>): Promise<void> {
    const { takenUp } = this.#options;
    try {
      await keep(takenUp === undefined ? await this.#begin() : await this.#takeUp(takenUp));
    } finally {
      await this.#collector.close();
      await this.#monitors.close();
      await this.#steps.cleanup();
      for (const { link } of this.#participants) link.release();
    }
  }

  async #begin(): Promise<RunResult> {
    const { take, expectAgents, stop } = this.#options;
    take({ kind: 'wait', expected: expectAgents });
    const links = await this.#gather();
    take({ kind: 'prepare', agents: links.length });
    const targetEnvironment = await this.#prepare(links);
    stop.drain.throwIfAborted();
    return this.#measure(targetEnvironment, undefined);
  }

  /** Agents may come as soon as this has first waited for something: then everything is there for them. */
  async #takeUp({ started, windows }: TakenUp): Promise<RunResult> {
    const { roster, spec, time, take, journal } = this.#options;
    const startUs = startOnClock(started, time);
    take({ kind: 'take-up', startUs });
    this.#collector.start(startUs);
    const links = started.agents.map((identity) => roster.expect(identity));
    this.#participants = links.map((link) => this.#participant(link, links.length));
    for (const participant of this.#participants) {
      participant.link.takePart(participant);
      participant.takeUp();
    }
    for (const { agent, epoch, seq, window } of windows) {
      const from = this.#participants.find(({ link }) => link.name === agent && link.epoch === epoch);
      if (from) this.#totals.add(from.index, seq, windowFromMessage(fromBinary(WindowSchema, window)));
    }
    journal.note(
      `control was started again and goes on with the ${windows.length} windows that it had stored; monitors begin anew`,
    );
    this.#steps.takeUp();
    await this.#monitors.open(spec.monitors);
    return this.#measure(started.targetEnvironment, startUs);
  }

  async #gather(): Promise<AgentLink[]> {
    const { roster, expectAgents, agentsTimeoutUs, stop, address } = this.#options;
    return roster.gather(Math.max(1, expectAgents), agentsTimeoutUs, stop.drain, address);
  }

  /** Data, monitors and agents. @returns what the monitors say of the target */
  async #prepare(links: readonly AgentLink[]): Promise<Record<string, string>> {
    const { spec, stop, journal } = this.#options;
    this.#participants = links.map((link) => this.#participant(link, links.length));
    for (const participant of this.#participants) participant.link.takePart(participant);
    // All that has no value is told at once.
    this.#secrets.get();
    await this.#steps.prepare(stop.drain);
    await this.#monitors.open(spec.monitors);
    const targetEnvironment = await this.#monitors.describe();
    for (const participant of this.#participants) participant.assign();
    const problems = (await Promise.all(this.#participants.map((participant) => this.#readiness(participant)))).flat();
    if (problems.length > 0) throw new Error(problems.join('\n'));
    for (const { name, progress } of this.#participants) {
      if (progress.kind !== 'prepared') continue;
      for (const warning of progress.warnings) journal.note(`agent ${name} warns: ${warning}`);
    }
    return targetEnvironment;
  }

  async #readiness(participant: Participant): Promise<string[]> {
    const seconds = PREPARE_LIMIT_US / 1e6;
    const { time, stop } = this.#options;
    const message = `agent ${participant.name} was not ready after ${seconds} s`;
    const problems = await within(time, PREPARE_LIMIT_US, message, () => participant.readiness, stop.drain);
    return problems.map((problem) => `agent ${participant.name}: ${problem}`);
  }

  async #measure(targetEnvironment: Record<string, string>, takenUpUs: number | undefined): Promise<RunResult> {
    const { runId, spec, stop, journal, take, time } = this.#options;
    const phases = { warmupUs: spec.warmupUs, plannedUs: spec.plannedUs };
    const evaluator = new ThresholdEvaluator(spec.thresholds, spec.resolved.operations, phases);
    const common = { runId, spec, totals: this.#totals, participants: this.#participants, targetEnvironment };
    this.#load = new LoadPhase({
      spec,
      participants: this.#participants,
      totals: this.#totals,
      collector: this.#collector,
      monitors: this.#monitors,
      evaluator,
      stop,
      time,
      journal,
      takenUpUs,
      onAgentLoss: this.#options.onAgentLoss,
      started: async (startUs) => {
        take({ kind: 'start', startUs });
        await this.#options.checkpoint(this.#started(startUs, targetEnvironment), startUs);
      },
      draining: (reason) => take({ kind: 'drain', reason }),
      looked: (startUs) => this.#show(startUs, targetEnvironment),
    });
    const load = await this.#load.run();
    await this.#monitors.close();
    take({ kind: 'verify' });
    const reconciliations = await this.#steps.verify(
      (driver) => this.#totals.writesOf(driver),
      stop.cut,
      (text) => journal.note(text),
    );
    const events = journal.events(load.startUs);
    const draft = assemble({ ...common, load, monitors: this.#monitors.series(), reconciliations, events });
    const thresholds = evaluator.conclude(draft);
    const validity = checkValidity(draft);
    return { ...draft, validity, thresholds, verdict: judge(validity, thresholds) };
  }

  #started(startUs: number, targetEnvironment: Record<string, string>): Started {
    const { time } = this.#options;
    const agents = this.#participants.map(({ link: { name, epoch, environment, certificate } }) => {
      return { name, epoch, environment, certificate };
    });
    return { startEpochMs: time.epochMs() + (startUs - time.nowUs()) / 1000, agents, targetEnvironment };
  }

  /** An agent that was started by another control process: this one does not know its clock yet. */
  async #learnClock(participant: Participant): Promise<void> {
    const { takenUp, time, stop } = this.#options;
    if (takenUp === undefined || participant.isClockKnown) return;
    // When it does not answer, it is asked again at its next return.
    const clock = await participant.link.measureClock(stop.cut).catch(() => undefined);
    if (clock) participant.start(startOnClock(takenUp.started, time), clock);
  }

  #participant(link: AgentLink, agents: number): Participant {
    const { runId, spec, time, journal, stop } = this.#options;
    const index = this.#totals.addAgent();
    const surroundings: ParticipantSurroundings = {
      runId,
      totals: this.#totals,
      nowUs: () => time.nowUs(),
      changed: () => this.#load?.participantChanged(),
      back: (participant) => void this.#learnClock(participant),
      window: (participant, report) => this.#collector.receive(participant, report),
      note: (text) => journal.note(text),
      leaving: ({ name }, reason) =>
        stop.request('request', reason.includes(name) ? reason : `agent ${name} leaves: ${reason}`),
    };
    const plan = { json: spec.json, baseDirectory: spec.baseDirectory };
    return new Participant(link, index, { case: 'assignment', value: { runId, plan, index, agents } }, surroundings);
  }

  #show(startUs: number, targetEnvironment: Record<string, string>): void {
    const { runId, spec, feed, time } = this.#options;
    if (!feed.isWatched) return;
    const elapsedUs = time.nowUs() - startUs;
    const warnings = failingChecks({
      runId,
      spec,
      totals: this.#totals,
      participants: this.#participants,
      load: { startUs, startedAt: '', loadUs: elapsedUs, ending: { kind: 'completed' } },
      targetEnvironment,
      monitors: [],
      reconciliations: [],
      events: [],
    });
    feed.snapshot(snapshotOf(spec, this.#totals, elapsedUs, warnings));
  }
}
