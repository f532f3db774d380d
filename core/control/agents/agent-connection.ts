import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  ClockReply,
  Done,
  Leaving,
  Prepared,
  SessionRequest,
  SessionResponseSchema,
  WindowReport,
} from '../../../proto/gen/bench/v1/agent_pb.ts';
import { WireError } from '../../../proto/window-codec.ts';
import type { Clock } from '../../clock.ts';
import type { Log, LogFields } from '../../log.ts';
import type { Environment } from '../../stats/result.ts';
import { oneLine } from '../../text/printable.ts';
import { withTimeout } from '../../timeout.ts';
import { VERSION } from '../../version.ts';
import { RETURN_LIMIT_US, START_PROBES, START_PROBES_LIMIT_US } from '../limits.ts';
import type { MetricsSink } from '../telemetry/metrics-sink.ts';
import { AgentClock, type ClockEstimate } from './clock-estimate.ts';
import type { AgentIdentity } from './join-request.ts';

export type ToAgent = Extract<MessageInitShape<typeof SessionResponseSchema>['message'], { case: string }>;

/** One stream to an agent. */
export interface AgentStream {
  readonly peer: string;
  /** Serial number of the agent's certificate; empty without TLS. */
  readonly certificate: string;
  send(message: ToAgent): void;
  /** Ends the stream from control's side. */
  close(): void;
}

/** More runs that an agent has no part in are not told of. */
const MAX_UNKNOWN_RUNS = 10;

/** What a run wants to hear from an agent that takes part in it. Only messages of that run come here. */
export interface AgentListener {
  readonly runId: string;
  /** May throw a `WireError`: the agent is then refused. */
  prepared(message: Prepared): void;
  window(message: WindowReport): void;
  /** Its clock was probed. @param jumpUs 0 unless it has jumped since the probe before */
  clockProbed(estimate: ClockEstimate, jumpUs: number): void;
  done(message: Done): void;
  /** Something that whoever reads the result may want to know of. */
  note(text: string): void;
  /** Its load ends before its time; it drains. May come again. */
  leaving(message: Leaving): void;
  /** Silent for too long; it may come back. */
  lost(): void;
  /** On a new stream, after a cut: it sends again what was not acknowledged. */
  back(): void;
  /** It will not come back. */
  gone(why: string): void;
}

/** `away`: its stream has ended, and it may be on its way back. */
export type Presence = 'here' | 'away' | 'lost' | 'gone';

export interface ConnectionContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: MetricsSink | undefined;
}

/** One agent process, over all the streams on which it comes. */
export class AgentConnection {
  readonly name: string;
  /** Of the process. */
  readonly epoch: string;
  readonly environment: Environment;
  readonly agentClock = new AgentClock();
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #metrics: MetricsSink | undefined;
  #stream: AgentStream | undefined;
  readonly certificate: string;
  readonly labels: Readonly<Record<string, string>>;
  #presence: Presence = 'away';
  #heardUs: number;
  #probedUs = Number.NEGATIVE_INFINITY;
  #saidUs = Number.NEGATIVE_INFINITY;
  #listener: AgentListener | undefined;
  #onAnswer: (() => void) | undefined;
  readonly #unknownRuns = new Set<string>();

  constructor(
    { name, epoch, environment, certificate, labels }: AgentIdentity,
    { clock, log, metrics }: ConnectionContext,
  ) {
    this.name = name;
    this.epoch = epoch;
    this.environment = environment;
    this.certificate = certificate;
    this.labels = labels;
    this.#clock = clock;
    this.#log = log;
    this.#metrics = metrics;
    this.#heardUs = clock.nowUs();
  }

  get presence(): Presence {
    return this.#presence;
  }

  /** Of the last message. */
  get heardUs(): number {
    return this.#heardUs;
  }

  get listener(): AgentListener | undefined {
    return this.#listener;
  }

  isOn(stream: AgentStream): boolean {
    return this.#stream === stream;
  }

  /** A stream of this process; an older one is closed. */
  connect(stream: AgentStream): void {
    this.#stream?.close();
    this.#stream = stream;
    this.#presence = 'here';
    this.#heardUs = this.#clock.nowUs();
    this.#tell(`agent ${this.name} is here, from ${stream.peer}`, 'debug');
    this.send({ case: 'welcome', value: { controlVersion: VERSION } });
    this.#listener?.back();
  }

  /** Its stream has ended by itself. */
  disconnect(stream: AgentStream): void {
    if (!this.isOn(stream)) return;
    this.#stream = undefined;
    if (this.#presence === 'here') this.#presence = 'away';
  }

  /** It is to send again what was not acknowledged: it does so on another stream. */
  requestResend(): void {
    if (this.#presence !== 'here') return;
    this.#presence = 'away';
    this.forgive(RETURN_LIMIT_US);
    this.#drop();
  }

  /** It has been silent for too long. */
  lose(): void {
    if (this.#presence === 'lost' || this.#presence === 'gone') return;
    this.#tell(`agent ${this.name} is lost: it says nothing`, 'debug');
    this.#presence = 'lost';
    this.#drop();
    this.#listener?.lost();
  }

  /** It is not coming back: it left, was refused, or another process has its name. */
  leave(why: string): void {
    if (this.#presence === 'gone') return;
    this.#tell(`agent ${this.name} is gone: ${why}`, 'debug');
    this.#presence = 'gone';
    this.#drop();
    this.#listener?.gone(why);
  }

  refuse(reason: string): void {
    this.#tell(`agent ${this.name} is refused: ${reason}`, 'warn');
    this.send({ case: 'refused', value: { reason } });
    this.leave(`it was refused: ${reason}`);
  }

  /** Control was held up: the agent's silence may be control's own. */
  forgive(us: number): void {
    this.#heardUs += us;
  }

  /** Messages to an agent that is not here are dropped: what matters is sent again when it is back. */
  send(message: ToAgent): void {
    this.#saidUs = this.#clock.nowUs();
    this.#stream?.send(message);
  }

  receive({ message }: SessionRequest): void {
    this.#heardUs = this.#clock.nowUs();
    try {
      switch (message.case) {
        case 'clockReply':
          this.#clockAnswered(message.value);
          break;
        case 'prepared':
          this.#listenerOf(message.value.runId)?.prepared(message.value);
          break;
        case 'window':
          this.#listenerOf(message.value.runId)?.window(message.value);
          break;
        case 'done':
          this.#listenerOf(message.value.runId)?.done(message.value);
          break;
        case 'leaving':
          this.#leaving(message.value);
          break;
        case 'join':
          this.refuse('it has joined already on this stream');
          break;
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (message.case === 'window') this.#metrics?.refused();
      this.refuse(error.message);
    }
  }

  takePart(listener: AgentListener): void {
    this.#listener = listener;
  }

  /** The run is over for this agent. */
  release(): void {
    if (this.#listener === undefined) return;
    this.send({ case: 'runEnded', value: { runId: this.#listener.runId } });
    this.#listener = undefined;
  }

  /**
   * Probes its clock when that is due.
   * @param intervalUs since the last probe
   * @param quietUs since anything was said to it: an agent whose windows are acknowledged knows that control is there
   */
  probe(intervalUs: number, quietUs = intervalUs): void {
    const nowUs = this.#clock.nowUs();
    const isDue = nowUs - this.#probedUs >= intervalUs || nowUs - this.#saidUs >= quietUs;
    if (this.#presence !== 'here' || !isDue) return;
    this.#probedUs = nowUs;
    this.agentClock.sent(nowUs);
    this.send({ case: 'clockProbe', value: { controlUs: nowUs } });
  }

  /**
   * Probes its clock several times in a row, now.
   * @throws when there was no answer at all, or the signal is aborted
   */
  async measureClock(signal: AbortSignal): Promise<ClockEstimate> {
    const before = this.agentClock.answers;
    const enough = Promise.withResolvers<void>();
    this.#onAnswer = () => {
      if (this.agentClock.answers >= before + START_PROBES) enough.resolve();
      else this.probe(0);
    };
    this.probe(0);
    try {
      await withTimeout(this.#clock, START_PROBES_LIMIT_US, 'no answer', () => enough.promise, signal);
    } catch (error) {
      if (signal.aborted || this.agentClock.answers === before) throw error;
    } finally {
      this.#onAnswer = undefined;
    }
    return this.agentClock.estimate as ClockEstimate;
  }

  #leaving(message: Leaving): void {
    // It has a run in mind: one that is over here it is told of, and is free then.
    const listener = message.runId === '' ? this.#listener : this.#listenerOf(message.runId);
    if (listener) listener.leaving(message);
    else if (message.runId === '') this.leave('it was told to end');
  }

  #clockAnswered({ controlUs, agentUs }: ClockReply): void {
    const jumpUs = this.agentClock.answered(controlUs, agentUs, this.#heardUs);
    // An answer that comes twice must not make for two more probes.
    if (jumpUs === undefined) return;
    this.#listener?.clockProbed(this.agentClock.estimate as ClockEstimate, jumpUs);
    this.#onAnswer?.();
  }

  #listenerOf(runId: string): AgentListener | undefined {
    if (this.#listener?.runId === runId) return this.#listener;
    const shown = oneLine(runId, 40);
    if (!this.#unknownRuns.has(shown) && this.#unknownRuns.size < MAX_UNKNOWN_RUNS) {
      this.#unknownRuns.add(shown);
      const sentence = `agent ${this.name} sends messages of run ${shown}, which is not under way for it: ignored`;
      if (this.#listener) this.#listener.note(sentence);
      else this.#tell(sentence, 'warn');
    }
    this.send({ case: 'runEnded', value: { runId } });
    return undefined;
  }

  #tell(line: string, level: LogFields['level'] = 'info'): void {
    const runId = this.#listener?.runId;
    const fields = { level, agent: this.name, epoch: this.epoch };
    this.#log(line, runId === undefined ? fields : { ...fields, runId });
  }

  #drop(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }
}
