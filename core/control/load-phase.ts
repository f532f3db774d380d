import type { RunTotals } from '../stats/merge.ts';
import type { Ending } from '../stats/result.ts';
import type { ThresholdEvaluator } from '../verdict/thresholds.ts';
import type { ClockEstimate } from './agent-clock.ts';
import type { Collector } from './collector.ts';
import { CLOSING_LIMIT_US, CUT_LIMIT_US, RETURN_LIMIT_US, START_LEAD_US } from './limits.ts';
import type { MonitorSampler } from './monitor-sampler.ts';
import type { Participant } from './participant.ts';
import type { RunJournal } from './run-journal.ts';
import type { RunSpec } from './run-spec.ts';
import type { RunStop } from './run-stop.ts';
import { ShapedLoads } from './shaped-loads.ts';
import type { Time } from './time.ts';

const SECOND_US = 1_000_000;
/** When within a second control looks at the run: the windows of the second before have come by then. */
const LOOK_US = 250_000;

export interface LoadPhaseOptions {
  readonly spec: RunSpec;
  readonly participants: readonly Participant[];
  readonly totals: RunTotals;
  readonly collector: Collector;
  readonly monitors: MonitorSampler;
  readonly evaluator: ThresholdEvaluator;
  readonly stop: RunStop;
  readonly time: Time;
  /** Whether the others go on. */
  readonly onAgentLoss: 'continue' | 'abort';
  readonly journal: RunJournal;
  /** Second 0 on control's clock, when the load was started by another control process. */
  readonly takenUpUs: number | undefined;
  /** Second 0 is settled; nobody has been told of it. */
  readonly started: (startUs: number) => Promise<void>;
  readonly draining: (reason: string) => void;
  /** Each second. */
  readonly looked: (startUs: number) => void;
}

/** What the load came to. */
export interface LoadEnd {
  /** Second 0 on control's clock. */
  readonly startUs: number;
  /** The same on the wall clock, RFC 3339. */
  readonly startedAt: string;
  /** From second 0 to the end of the load, without what was in flight then. */
  readonly loadUs: number;
  readonly ending: Ending;
}

/** From the start of the load to the barrier at its end, where every agent has said what its windows add up to. */
export class LoadPhase {
  readonly #options: LoadPhaseOptions;
  readonly #shapes: ShapedLoads;
  readonly #over = Promise.withResolvers<void>();
  #startUs = 0;
  #startedAt = '';
  #stopUs: number | undefined;
  #deadlineUs = Number.POSITIVE_INFINITY;
  #cancelTick: () => void = () => {};
  /** Index of a participant that was not over. */
  #openAt = 0;

  constructor(options: LoadPhaseOptions) {
    this.#options = options;
    this.#shapes = new ShapedLoads(options.spec, options.participants);
  }

  /** @throws when an agent's clock cannot be measured, or the run is stopped before the start */
  async run(): Promise<LoadEnd> {
    const { stop, collector, totals, monitors, evaluator } = this.#options;
    if (this.#options.takenUpUs === undefined) await this.#start();
    else this.#takeUp(this.#options.takenUpUs);
    const drain = () => this.#drain();
    const cut = () => this.#cutOff();
    stop.drain.addEventListener('abort', drain);
    stop.cut.addEventListener('abort', cut);
    this.#tickAt(0);
    try {
      await this.#over.promise;
    } finally {
      this.#cancelTick();
      stop.drain.removeEventListener('abort', drain);
      stop.cut.removeEventListener('abort', cut);
    }
    await collector.close();
    this.#tellOfMissing();
    for (const { index } of this.#options.participants) totals.setPresence(index, 'left');
    for (const second of totals.settle((at) => monitors.take(at))) evaluator.observe(second);
    return { startUs: this.#startUs, startedAt: this.#startedAt, loadUs: this.#loadUs(), ending: this.#ending() };
  }

  /** To be called whenever a participant's progress or presence has changed. */
  participantChanged(): void {
    const { participants, onAgentLoss, stop } = this.#options;
    if (onAgentLoss === 'abort') {
      const lost = participants.find(({ lostUs, progress }) => lostUs !== undefined && progress.kind !== 'closed');
      if (lost) stop.request('failure', `agent ${lost.name} was lost`);
    }
    if (this.#areAllOver()) this.#over.resolve();
  }

  /** Looks first at the one that was not over before: of thousands that end at once, not each has to look at all. */
  #areAllOver(): boolean {
    const { participants } = this.#options;
    for (let i = 0; i < participants.length; i++) {
      const at = (this.#openAt + i) % participants.length;
      if (this.#isOver(participants[at] as Participant)) continue;
      this.#openAt = at;
      return false;
    }
    return true;
  }

  async #start(): Promise<void> {
    const { spec, participants, stop, time, collector, started } = this.#options;
    const clocks = await Promise.all(participants.map((participant) => measured(participant, stop.drain)));
    stop.drain.throwIfAborted();
    const slowestUs = Math.max(...clocks.map(({ uncertaintyUs }) => 2 * uncertaintyUs));
    this.#startAt(Math.ceil(time.nowUs() + START_LEAD_US + slowestUs));
    this.#deadlineUs = this.#startUs + spec.plannedUs + spec.gracefulStopUs + CLOSING_LIMIT_US;
    collector.start(this.#startUs);
    await started(this.#startUs);
    this.#shapes.tell(0);
    participants.forEach((participant, i) => {
      participant.start(this.#startUs, clocks[i] as ClockEstimate);
    });
  }

  /** Agents have gone on meanwhile, and come back by themselves. */
  #takeUp(startUs: number): void {
    const { spec, time, stop } = this.#options;
    this.#startAt(startUs);
    const endUs = startUs + spec.plannedUs + spec.gracefulStopUs;
    this.#deadlineUs = Math.max(endUs, time.nowUs() + RETURN_LIMIT_US) + CLOSING_LIMIT_US;
    if (stop.drain.aborted) this.#drain();
  }

  #startAt(startUs: number): void {
    const { time } = this.#options;
    this.#startUs = startUs;
    this.#startedAt = new Date(time.epochMs() + (startUs - time.nowUs()) / 1000).toISOString();
  }

  #tickAt(second: number): void {
    const { time } = this.#options;
    const dueUs = this.#startUs + second * SECOND_US + LOOK_US;
    this.#cancelTick = time.after(dueUs - time.nowUs(), () => {
      // A tick that comes late, because control was held up, stands for those that were due.
      const now = Math.max(second, Math.floor((time.nowUs() - this.#startUs) / SECOND_US));
      try {
        this.#look(now);
        this.#tickAt(now + 1);
      } catch (error) {
        this.#over.reject(error);
      }
    });
  }

  #look(second: number): void {
    const { spec, totals, monitors, evaluator, stop, time, draining, looked } = this.#options;
    const nowUs = time.nowUs();
    if (nowUs < this.#startUs + spec.plannedUs) monitors.sample(second);
    for (const settled of totals.settle((at) => monitors.take(at))) {
      const [breach] = evaluator.observe(settled);
      if (breach) stop.request('threshold', breach.message);
    }
    this.#tellLevels(nowUs - this.#startUs);
    if (nowUs >= this.#startUs + spec.plannedUs) draining('');
    looked(this.#startUs);
    this.participantChanged();
    if (nowUs >= this.#deadlineUs) this.#over.resolve();
  }

  #tellLevels(elapsedUs: number): void {
    try {
      this.#shapes.tell(elapsedUs);
    } catch (error) {
      this.#options.stop.request('failure', error instanceof Error ? error.message : String(error));
    }
  }

  #drain(): void {
    const { stop, spec, participants, time, journal, draining } = this.#options;
    const nowUs = time.nowUs();
    this.#stopUs = nowUs;
    this.#deadlineUs = Math.min(this.#deadlineUs, nowUs + spec.gracefulStopUs + CLOSING_LIMIT_US);
    journal.note(`the run stops: ${stop.reason}`);
    for (const participant of participants) participant.stop(false);
    draining(stop.reason);
  }

  #cutOff(): void {
    const { participants, time, journal } = this.#options;
    this.#deadlineUs = Math.min(this.#deadlineUs, time.nowUs() + CUT_LIMIT_US);
    journal.note('what was in flight is cut off');
    for (const participant of participants) participant.stop(true);
  }

  /** An agent that was lost just now is waited for a little: its windows may be on their way. */
  #isOver({ progress, isGone, lostUs }: Participant): boolean {
    if (progress.kind === 'closed' || isGone) return true;
    return lostUs !== undefined && this.#options.time.nowUs() - lostUs > RETURN_LIMIT_US;
  }

  #tellOfMissing(): void {
    const { participants, journal, collector, totals } = this.#options;
    for (const { name, index, progress } of participants) {
      if (progress.kind === 'started') {
        const share = Math.round(100 / participants.length);
        journal.note(
          `agent ${name} has not said what its windows add up to: from second ${totals.reachedSecond(index) + 1} on its share of the load, ${share} %, is missing`,
        );
      }
      if (progress.kind === 'closing') journal.note(`windows of agent ${name} are missing`);
      if (progress.kind === 'closed' && progress.differences.length > 0) {
        journal.note(`agent ${name} and control do not agree: ${progress.differences.slice(0, 3).join('; ')}`);
      }
    }
    if (collector.storeProblem !== undefined) journal.note(`windows are missing because ${collector.storeProblem}`);
  }

  #loadUs(): number {
    const { participants, spec, totals } = this.#options;
    const doneUs = participants.map(({ progress }) => ('done' in progress ? progress.done.atUs : undefined));
    const lastDoneUs = doneUs.every((us) => us !== undefined)
      ? Math.max(...doneUs) - this.#startUs
      : Math.max(0, totals.timeline.seconds) * SECOND_US;
    const stopUs = this.#stopUs === undefined ? Number.POSITIVE_INFINITY : this.#stopUs - this.#startUs;
    return Math.max(0, Math.min(spec.plannedUs, stopUs, lastDoneUs));
  }

  #ending(): Ending {
    const { stop, participants } = this.#options;
    if (stop.drain.aborted) return { kind: 'stopped', by: stop.cause, reason: stop.reason };
    if (participants.every(({ progress }) => progress.kind !== 'closed')) {
      return { kind: 'stopped', by: 'failure', reason: 'every agent was lost' };
    }
    return { kind: 'completed' };
  }
}

async function measured({ name, link }: Participant, stop: AbortSignal): Promise<ClockEstimate> {
  try {
    return await link.measureClock(stop);
  } catch (error) {
    if (stop.aborted) throw stop.reason;
    throw new Error(`agent ${name} does not answer clock probes: ${error instanceof Error ? error.message : error}`);
  }
}
