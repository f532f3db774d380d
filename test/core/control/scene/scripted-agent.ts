import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Clock } from '../../../../core/clock.ts';
import type { ControlCore } from '../../../../core/control/control-plane.ts';
import { Histogram } from '../../../../core/stats/histogram.ts';
import type { Window } from '../../../../core/stats/window.ts';
import { PROTOCOL_VERSION } from '../../../../core/version.ts';
import {
  type SessionRequest,
  SessionRequestSchema,
  type SessionResponse,
  SessionResponseSchema,
} from '../../../../proto/gen/bench/v1/agent_pb.ts';
import { MessageQueue } from '../../../../proto/rpc/message-queue.ts';
import { encodeWindow, phaseToWire } from '../../../../proto/window-codec.ts';

type Request = Extract<MessageInitShape<typeof SessionRequestSchema>['message'], { case: string }>;
type Response = Extract<SessionResponse['message'], { case: string }>;
type ResponseOf<Case extends Response['case']> = Extract<Response, { case: Case }>['value'];

/** A stream to control, as an agent holds it. */
export interface AgentTransport {
  readonly messages: AsyncIterable<SessionResponse>;
  send(message: MessageInitShape<typeof SessionRequestSchema>): unknown;
  /** Cuts it off. */
  cancel(): void;
}

/** A stream without a network. */
export function memoryTransport(control: Pick<ControlCore, 'agents'>): AgentTransport {
  const toControl = new MessageQueue<SessionRequest>();
  const toAgent = new MessageQueue<SessionResponse>();
  const stream = {
    messages: toControl,
    send: (message: MessageInitShape<typeof SessionResponseSchema>) =>
      toAgent.push(create(SessionResponseSchema, message)),
    close: () => toControl.end(),
    signal: new AbortController().signal,
    peer: 'memory',
    certificate: '',
  };
  void control.agents.session(stream).finally(() => toAgent.end());
  return {
    messages: toAgent,
    send: (message) => toControl.push(create(SessionRequestSchema, message)),
    cancel: () => {
      toControl.end();
      toAgent.end();
    },
  };
}

export interface Samples {
  readonly operation?: number;
  readonly phase?: 'warmup' | 'measure';
  readonly responseUs: readonly number[];
  readonly errors?: number;
}

export interface AgentIdentity {
  readonly name?: string;
  readonly epoch?: string;
  readonly clockOffsetUs?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** An agent that does what a test tells it; by itself it only answers clock probes and beats each second. */
export class ScriptedAgent {
  readonly name: string;
  readonly epoch: string;
  /** The agent's clock minus control's. */
  clockOffsetUs: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Every message but clock probes, in order. */
  readonly received: Response[] = [];
  readonly #clock: Clock;
  #transport: AgentTransport | undefined;
  #read = 0;
  #waiting: (() => void) | undefined;
  #beat: () => void = () => {};
  /** The newest acknowledgement, which its next window answers. */
  #probe: { readonly controlUs: number; readonly receivedUs: number } | undefined;
  readonly #windows = new Map<number, Window>();

  constructor(clock: Clock, options: AgentIdentity = {}) {
    const { name = 'agent-1', clockOffsetUs = 0 } = options;
    this.#clock = clock;
    this.name = name;
    this.epoch = options.epoch ?? `epoch of ${name}`;
    this.clockOffsetUs = clockOffsetUs;
    this.labels = options.labels ?? {};
  }

  /** Opens a stream and joins; again for a reconnect. Resolves when control has closed the stream. */
  join(
    transport: AgentTransport,
    change: { name?: string; epoch?: string; protocolVersion?: number; version?: string } = {},
  ): Promise<void> {
    this.#transport = transport;
    this.send({
      case: 'join',
      value: {
        name: this.name,
        epoch: this.epoch,
        protocolVersion: PROTOCOL_VERSION,
        version: '0.1.0',
        labels: { ...this.labels },
        environment: { host: 'host-1', os: 'test', runtime: 'Node 26', cpuModel: 'cpu', cpus: 2, memoryBytes: 1e9 },
        ...change,
      },
    });
    this.beat();
    return this.#listen(transport);
  }

  /** Starts its heartbeat. */
  beat(): void {
    this.#beat();
    this.#beat = this.#clock.after(1e6, () => {
      this.send({ case: 'heartbeat', value: {} });
      this.beat();
    });
  }

  /** Says nothing more, not even to clock probes; the stream stays. */
  freeze(): void {
    this.#beat();
    this.#transport = undefined;
  }

  /** Loses its stream. */
  cut(): void {
    this.#beat();
    this.#transport?.cancel();
    this.#transport = undefined;
  }

  send(message: Request): void {
    this.#transport?.send({ message });
  }

  /** The next message of this kind that was not asked for before; those before it are skipped. */
  async next<Case extends Response['case']>(wanted: Case): Promise<ResponseOf<Case>> {
    for (;;) {
      while (this.#read < this.received.length) {
        const message = this.received[this.#read++] as Response;
        if (message.case === wanted) return message.value as ResponseOf<Case>;
      }
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  /** Takes the assignment, is prepared, and waits for the start. */
  async prepare(problems: readonly string[] = [], warnings: readonly string[] = []) {
    const assignment = await this.next('assignment');
    this.sendPrepared(assignment, problems, warnings);
    return assignment;
  }

  sendPrepared(
    { runId, attempt }: ResponseOf<'assignment'>,
    problems: readonly string[] = [],
    warnings: readonly string[] = [],
  ): void {
    this.send({ case: 'prepared', value: { runId, attempt, problems: [...problems], warnings: [...warnings] } });
  }

  /** A window of this second, kept for the closing totals. */
  window(seq: number, second: number, samples: readonly Samples[], vus = 1, keys: readonly string[] = []): Window {
    const window: Window = {
      second,
      operations: samples.map(({ operation = 0, phase = 'measure', responseUs, errors = 0 }) => ({
        operation,
        phase,
        errors,
        bytesSent: 100 * responseUs.length,
        bytesReceived: 10 * responseUs.length,
        responseTime: histogramOf(responseUs),
        serviceTime: histogramOf(responseUs),
        sendDelay: histogramOf(responseUs.map(() => 0)),
        errorKinds: errors > 0 ? [{ kind: 'timeout', count: errors, example: 'no answer after 5s' }] : [],
      })),
      scenarios: [{ scenario: 0, vus, droppedArrivals: 0, missedArrivals: 0 }],
      writes: keys.map((key) => ({ driver: 0, key, acknowledged: 1, unknown: 0 })),
      timings: [],
      host: {
        processCpuCores: 0.25,
        hostCpuShare: 0.5,
        processMemoryBytes: 1e8,
        hostMemoryShare: 0.5,
        loopLagMaxUs: 1000,
        cpuWaitShare: 0,
      },
    };
    this.#windows.set(seq, window);
    return window;
  }

  sendWindow(runId: string, seq: number, change: { window?: Window; epoch?: string } = {}): void {
    const window = change.window ?? (this.#windows.get(seq) as Window);
    const bytes = encodeWindow(window);
    const clock = this.#probe && { ...this.#probe, sentUs: this.#nowUs() };
    this.#probe = undefined;
    const value = { runId, epoch: change.epoch ?? this.epoch, seq, window: bytes };
    this.send({ case: 'window', value: clock === undefined ? value : { ...value, clock } });
  }

  /** Its windows' sums, by what it made of them itself. */
  sendDone(runId: string, change: { countsTooMany?: number; loadUs?: number; stopped?: boolean } = {}): void {
    const windows = [...this.#windows.values()];
    const totals = windows.flatMap(({ operations }) => operations);
    const slots = Map.groupBy(totals, ({ operation, phase }) => `${operation} ${phase}`);
    const writes = windows.flatMap(({ writes }) => writes);
    this.send({
      case: 'done',
      value: {
        runId,
        lastSeq: Math.max(0, ...this.#windows.keys()),
        totals: [...slots.values()].map((parts) => ({
          operation: parts[0]?.operation ?? 0,
          phase: phaseToWire(parts[0]?.phase ?? 'measure'),
          count: sum(parts.map(({ responseTime }) => sum(responseTime.counts))) + (change.countsTooMany ?? 0),
          errors: sum(parts.map(({ errors }) => errors)),
          responseSumUs: sum(parts.map(({ responseTime }) => responseTime.sumUs)),
          serviceSumUs: sum(parts.map(({ serviceTime }) => serviceTime.sumUs)),
        })),
        acknowledged: sum(writes.map(({ acknowledged }) => acknowledged)),
        unknown: sum(writes.map(({ unknown }) => unknown)),
        firstStartDelayUs: 1500,
        ...(change.loadUs !== undefined && { loadUs: change.loadUs }),
        stopped: change.stopped ?? false,
      },
    });
  }

  #nowUs(): number {
    return this.#clock.nowUs() + this.clockOffsetUs;
  }

  async #listen(transport: AgentTransport): Promise<void> {
    try {
      for await (const { message } of transport.messages) {
        if (this.#transport !== transport) continue;
        if (message.case === 'clockProbe') {
          const nowUs = this.#nowUs();
          const { controlUs } = message.value;
          this.send({ case: 'clockReply', value: { controlUs, receivedUs: nowUs, sentUs: nowUs } });
        } else if (message.case !== undefined) {
          if (message.case === 'windowAck') {
            this.#probe = { controlUs: message.value.controlUs, receivedUs: this.#nowUs() };
          }
          this.received.push(message);
          this.#waiting?.();
        }
      }
    } catch {
      // The stream was cut.
    }
  }
}

export function histogramOf(valuesUs: readonly number[]) {
  const histogram = new Histogram();
  for (const value of valuesUs) histogram.record(value);
  return histogram.encode();
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
