import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  ClockReply,
  Leaving,
  SessionRequest,
  SessionResponseSchema,
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
import type { AgentListener } from './agent-listener.ts';
import { AgentClock, type ClockEstimate } from './clock-estimate.ts';
import type { AgentIdentity } from './join-request.ts';

export type ToAgent = Extract<MessageInitShape<typeof SessionResponseSchema>['message'], { case: string }>;

/** One stream to an agent, from its Join to its end. An agent that reconnects comes on a new one. */
export interface AgentStream {
  readonly peer: string;
  /** Serial number of the agent's certificate; empty without TLS. */
  readonly certificate: string;
  send(message: ToAgent): void;
  /** Ends the stream from control's side; what was sent before still arrives. */
  close(): void;
}

/** How much of a run id that control does not know is repeated, to the agent and in the log. Ids of runs are shorter. */
const MAX_ECHOED_CHARACTERS = 40;
/** Messages of more runs than this that are not under way for the agent are ignored without a line in the log. */
const MAX_UNKNOWN_RUNS = 10;

/**
 * Where an agent is; the stream exists only while it is here.
 *
 *   here ──its stream ends──▶ away      here, away ──silent for too long──▶ lost
 *   away, lost ──joins again──▶ here    any ──leaves, is refused, or loses its name──▶ gone
 */
type ConnectionState =
  | { readonly kind: 'here'; readonly stream: AgentStream }
  | { readonly kind: 'away' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'gone' };

export type Presence = ConnectionState['kind'];

export interface ConnectionContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: MetricsSink | undefined;
}

/** How an agent's clock is measured. */
export interface ClockMeasurement {
  readonly probes: number;
  /** How long they may take together. */
  readonly limitUs: number;
}

const AT_THE_START: ClockMeasurement = { probes: START_PROBES, limitUs: START_PROBES_LIMIT_US };

/** The connection to one agent process, over all the streams on which it comes. It knows no run but by its listener. */
export class AgentConnection {
  readonly name: string;
  /** Identifies the process among those that have had its name. */
  readonly epoch: string;
  readonly environment: Environment;
  readonly agentClock = new AgentClock();
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #metrics: MetricsSink | undefined;
  readonly certificate: string;
  readonly labels: Readonly<Record<string, string>>;
  #state: ConnectionState = { kind: 'away' };
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
    return this.#state.kind;
  }

  /** When the agent last sent anything, on control's clock; later than that when its silence was forgiven. */
  get heardUs(): number {
    return this.#heardUs;
  }

  /** The run that the agent takes part in; undefined while it has none. */
  get listener(): AgentListener | undefined {
    return this.#listener;
  }

  isOn(stream: AgentStream): boolean {
    return this.#state.kind === 'here' && this.#state.stream === stream;
  }

  /** Goes on with a new stream of the same process; the older one is closed. */
  connect(stream: AgentStream): void {
    this.#changeTo({ kind: 'here', stream });
    this.#heardUs = this.#clock.nowUs();
    this.#logLine(`agent ${this.name} is here, from ${stream.peer}`, 'debug');
    this.send({ case: 'welcome', value: { controlVersion: VERSION } });
    this.#listener?.back();
  }

  /** Called when a stream has ended by itself. */
  disconnect(stream: AgentStream): void {
    if (this.isOn(stream)) this.#state = { kind: 'away' };
  }

  /** Has the agent send again what was not acknowledged: it does so on its next stream. */
  requestResend(): void {
    if (this.presence !== 'here') return;
    this.forgive(RETURN_LIMIT_US);
    this.#changeTo({ kind: 'away' });
  }

  /** Called when the agent has been silent for too long. */
  lose(silentUs: number): void {
    if (this.presence === 'lost' || this.presence === 'gone') return;
    this.#logLine(`agent ${this.name} is lost: it says nothing`, 'debug');
    this.#changeTo({ kind: 'lost' });
    this.#listener?.lost(silentUs);
  }

  /** Called when the agent will not come back: it left, was refused, or another process has its name. */
  leave(why: string): void {
    if (this.presence === 'gone') return;
    this.#logLine(`agent ${this.name} is gone: ${why}`, 'debug');
    this.#changeTo({ kind: 'gone' });
    this.#listener?.gone(why);
  }

  /** Tells the agent that control will not work with it, now or later. */
  refuse(reason: string): void {
    this.#logLine(`agent ${this.name} is refused: ${reason}`, 'warn');
    this.send({ case: 'refused', value: { reason } });
    this.leave(`it was refused: ${reason}`);
  }

  /** Overlooks this much of the agent's silence. */
  forgive(us: number): void {
    this.#heardUs += us;
  }

  /** Drops the message when the agent is not here: what matters is sent again when it is back. */
  send(message: ToAgent): void {
    this.#saidUs = this.#clock.nowUs();
    if (this.#state.kind === 'here') this.#state.stream.send(message);
  }

  /** Tells the agent up to which window of the run everything is stored. That probes its clock as well. */
  acknowledge(runId: string, seq: number): void {
    this.send({ case: 'windowAck', value: { runId, seq, controlUs: this.#beginProbe() } });
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
          if (message.value.clock) this.#clockAnswered(message.value.clock);
          this.#listenerOf(message.value.runId)?.window(message.value);
          break;
        case 'done':
          this.#listenerOf(message.value.runId)?.done(message.value);
          break;
        case 'rowsWanted':
          this.#listenerOf(message.value.runId)?.rowsWanted(message.value);
          break;
        case 'rowsReturned':
          this.#listenerOf(message.value.runId)?.rowsReturned(message.value);
          break;
        case 'traced':
          this.#listenerOf(message.value.runId)?.traced(message.value.text);
          break;
        case 'warned':
          this.#listenerOf(message.value.runId)?.warned(message.value.text);
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

  /** Lets the agent take part in a run. */
  attach(listener: AgentListener): void {
    this.#listener = listener;
  }

  /** Tells the agent that the run has ended; it is free for another one then. */
  release(): void {
    if (this.#listener === undefined) return;
    this.send({ case: 'runEnded', value: { runId: this.#listener.runId } });
    this.#listener = undefined;
  }

  /**
   * Probes the agent's clock when that is due: acknowledgements do so too.
   * @param intervalUs how long after the last probe
   * @param quietUs how long after the last message of any kind: an agent that gets acknowledgements knows that control is
   *   there
   */
  probe(intervalUs: number, quietUs = intervalUs): void {
    const nowUs = this.#clock.nowUs();
    const isDue = nowUs - this.#probedUs >= intervalUs || nowUs - this.#saidUs >= quietUs;
    if (this.presence !== 'here' || !isDue) return;
    this.send({ case: 'clockProbe', value: { controlUs: this.#beginProbe() } });
  }

  /**
   * Probes the agent's clock, mostly several times in a row. One measurement at a time.
   * @throws {BenchError} with the code `timeout` when there was no answer at all, or the signal's reason
   */
  async measureClock(
    signal: AbortSignal,
    { probes, limitUs }: ClockMeasurement = AT_THE_START,
  ): Promise<ClockEstimate> {
    const before = this.agentClock.answers;
    const enough = Promise.withResolvers<void>();
    this.#onAnswer = () => {
      if (this.agentClock.answers >= before + probes) enough.resolve();
      else this.probe(0);
    };
    this.probe(0);
    try {
      await withTimeout(this.#clock, limitUs, 'no answer', () => enough.promise, signal);
    } catch (error) {
      if (signal.aborted || this.agentClock.answers === before) throw error;
    } finally {
      this.#onAnswer = undefined;
    }
    return this.agentClock.estimate as ClockEstimate;
  }

  #leaving(message: Leaving): void {
    // An agent that means a run which has ended here is told so, and is free then.
    const listener = message.runId === '' ? this.#listener : this.#listenerOf(message.runId);
    if (listener) listener.leaving(message);
    else if (message.runId === '') this.leave('it was told to end');
  }

  /** @returns what identifies the probe */
  #beginProbe(): number {
    this.#probedUs = this.#clock.nowUs();
    this.agentClock.sent(this.#probedUs);
    return this.#probedUs;
  }

  #clockAnswered(reply: ClockReply): void {
    const jumpUs = this.agentClock.answered(reply, this.#heardUs);
    // An answer that comes twice must not cause two more probes.
    if (jumpUs === undefined) return;
    if (jumpUs === 'unclear') {
      this.probe(0);
      return;
    }
    this.#listener?.clockProbed(this.agentClock.estimate as ClockEstimate, jumpUs, reply.controlUs);
    this.#onAnswer?.();
  }

  #listenerOf(runId: string): AgentListener | undefined {
    if (this.#listener?.runId === runId) return this.#listener;
    const shown = oneLine(runId, MAX_ECHOED_CHARACTERS);
    if (!this.#unknownRuns.has(shown) && this.#unknownRuns.size < MAX_UNKNOWN_RUNS) {
      this.#unknownRuns.add(shown);
      const sentence = `agent ${this.name} sends messages of run ${shown}, which is not under way for it: ignored`;
      if (this.#listener) this.#listener.record(sentence);
      else this.#logLine(sentence, 'warn');
    }
    this.send({ case: 'runEnded', value: { runId: runId.slice(0, MAX_ECHOED_CHARACTERS) } });
    return undefined;
  }

  #logLine(line: string, level: LogFields['level'] = 'info'): void {
    const runId = this.#listener?.runId;
    const fields = { level, agent: this.name, epoch: this.epoch };
    this.#log(line, runId === undefined ? fields : { ...fields, runId });
  }

  #changeTo(state: ConnectionState): void {
    if (this.#state.kind === 'here') this.#state.stream.close();
    this.#state = state;
  }
}
