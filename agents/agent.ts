import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ChannelCredentials } from '@grpc/grpc-js';
import { nanoid } from 'nanoid';
import { type Clock, systemClock } from '../core/clock.ts';
import { processEnvironment } from '../core/environment.ts';
import { errorMessage } from '../core/error.ts';
import type { Log, LogFields } from '../core/log.ts';
import { PROTOCOL_VERSION, VERSION } from '../core/version.ts';
import { type ClientStream, createClient, type RpcCode, RpcError, type ServiceClient } from '../proto/adapter.ts';
import { AgentService, type SessionRequestSchema, type SessionResponse } from '../proto/gen/bench/v1/agent_pb.ts';
import { type AgentMessage, AssignedRun, type LoadDriverFrom } from './assigned-run.ts';
import { type LoadSource, realLoad } from './generator.ts';
import { reconnectDelayMs } from './reconnect.ts';
import { HEARTBEAT_US, Silence } from './silence.ts';

/** What control answers to a certificate, or a message, that is not good: trying again would change nothing. */
const REFUSALS: readonly RpcCode[] = ['UNAUTHENTICATED', 'PERMISSION_DENIED', 'INVALID_ARGUMENT', 'RESOURCE_EXHAUSTED'];
/** An agent that is told to end waits this long, from the end of its load, for control to take its last windows. */
const FAREWELL_US = 15_000_000;
/** The same when it has to hurry. */
const HURRIED_FAREWELL_US = 2_000_000;

export interface AgentOptions {
  /** `host:port` */
  readonly control: string;
  /** How to connect; without TLS by default. */
  readonly credentials?: ChannelCredentials;
  /** Unique among the agents of that control. */
  readonly name: string;
  /** What runs may name it by. */
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the drivers that are built in, for control to show. */
  readonly drivers: readonly string[];
  readonly loadDriver: LoadDriverFrom;
  /** Default: the engine. */
  readonly load?: LoadSource;
  /** Told how long after it was made each window was acknowledged. */
  readonly acknowledged?: (afterUs: number) => void;
  readonly log: Log;
  /** Default: the system's. Tests give their own. */
  readonly clock?: Clock;
  /** Called for each session. Default: gRPC, to `control`. Tests give one without a network. */
  readonly connect?: () => Connection;
  /** Aborted: drain, send the rest, end. */
  readonly signal: AbortSignal;
  /** Aborted after that: cut off what is in flight, and wait less. */
  readonly cut?: AbortSignal;
}

/** Why an agent ended. */
export type AgentExit =
  | {
      readonly kind: 'told-to-end';
      /** Control has taken all that was measured, or has released the agent from its run. */
      readonly handedOver: boolean;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** For one session: what is wrong with the connection of one must not be so with the next. */
type Connection = Pick<ServiceClient<typeof AgentService>, 'session' | 'close'>;
interface SessionEnd {
  /** Of control at its address. */
  readonly problem: string;
  readonly refused?: string;
  readonly isSilent?: boolean;
}

const SILENT: SessionEnd = { problem: 'says nothing', isSilent: true };

type Stream = ClientStream<SessionResponse, MessageInitShape<typeof SessionRequestSchema>>;

/**
 * Joins control and does what it assigns, until told to end or refused. While control cannot be reached it tries again,
 * more and more slowly, and says so; a run that is under way goes on meanwhile.
 */
export async function runAgent(options: AgentOptions): Promise<AgentExit> {
  return new Agent(options).live();
}

class Agent {
  readonly #options: AgentOptions;
  readonly #clock: Clock;
  readonly #epoch = nanoid(12);
  readonly #gone = Promise.withResolvers<AgentExit>();
  #connection: Connection | undefined;
  #stream: Stream | undefined;
  #silence = new Silence();
  #run: AssignedRun | undefined;
  #cancelHeartbeat: () => void = () => {};
  #cancelFarewell: () => void = () => {};
  /** Since the last look at it. */
  #hasSpoken = false;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  async live(): Promise<AgentExit> {
    const { signal } = this.#options;
    const leave = () => this.#leave();
    const hurry = () => this.#hurry();
    signal.addEventListener('abort', leave);
    this.#beat();
    this.#options.cut?.addEventListener('abort', hurry);
    if (signal.aborted) leave();
    try {
      return await Promise.race([this.#gone.promise, this.#sessions()]);
    } finally {
      this.#cancelHeartbeat();
      this.#cancelFarewell();
      signal.removeEventListener('abort', leave);
      this.#options.cut?.removeEventListener('abort', hurry);
      await this.#run?.end();
      this.#stream?.end();
      this.#connection?.close();
    }
  }

  /** One session after another; ends only when control refuses this agent. */
  async #sessions(): Promise<AgentExit> {
    const { control, name, credentials } = this.#options;
    const connect = this.#options.connect ?? (() => createClient(AgentService, control, credentials));
    let failures = 0;
    let hasJoined = false;
    for (;;) {
      this.#connection = connect();
      const ended = await this.#session(this.#connection.session(), () => {
        this.#log(hasJoined ? `reached control at ${control} again` : `joined control at ${control} as ${name}`);
        hasJoined = true;
        failures = 0;
      });
      this.#connection.close();
      if (ended.refused !== undefined) return { kind: 'refused', reason: ended.refused };
      const delayMs = reconnectDelayMs(failures, Math.random());
      const again = ended.isSilent ? ': connecting anew' : `; trying again in ${(delayMs / 1000).toFixed(1)} s`;
      this.#log(`control at ${control} ${ended.problem}${again}`, 'warn');
      failures++;
      const pause = new Promise<undefined>((resolve) => {
        this.#clock.after(delayMs * 1000, () => resolve(undefined));
      });
      const exit = await Promise.race([pause, this.#gone.promise]);
      if (exit !== undefined) return exit;
    }
  }

  async #session(stream: Stream, welcomed: () => void): Promise<SessionEnd> {
    const silence = new Silence();
    this.#silence = silence;
    this.#stream = stream;
    this.#send({ case: 'join', value: this.#join() });
    try {
      for await (const { message } of stream.messages) {
        silence.heard();
        if (message.case === 'refused') return { problem: 'refused', refused: message.value.reason };
        if (message.case === 'welcome') {
          welcomed();
          this.#run?.resend();
        } else this.#handle(message);
      }
      return silence.isTooLong ? SILENT : { problem: 'has closed the connection' };
    } catch (error) {
      if (silence.isTooLong) return SILENT;
      if (error instanceof RpcError && REFUSALS.includes(error.code)) {
        return { problem: 'refused', refused: error.message };
      }
      const hint = error instanceof RpcError && error.hint !== undefined ? `: ${error.hint}` : '';
      return { problem: `cannot be reached (${errorMessage(error)})${hint}` };
    } finally {
      this.#stream = undefined;
    }
  }

  #handle(message: SessionResponse['message']): void {
    switch (message.case) {
      case 'clockProbe':
        this.#send({
          case: 'clockReply',
          value: { controlUs: message.value.controlUs, agentUs: this.#clock.nowUs() },
        });
        return;
      case 'assignment': {
        // Control says it again after a reconnect.
        if (this.#isCurrent(message.value.runId) && !this.#run?.isReplacedBy(message.value)) return;
        const ended = this.#run?.end();
        const run = new AssignedRun({
          assignment: message.value,
          epoch: this.#epoch,
          clock: this.#clock,
          loadDriver: this.#options.loadDriver,
          load: this.#options.load ?? realLoad,
          acknowledged: this.#options.acknowledged ?? (() => {}),
          log: (line) => this.#log(line),
          send: (reply) => this.#send(reply),
        });
        this.#run = run;
        // What another attempt has opened is closed before.
        void Promise.resolve(ended).then(() => run.prepare());
        return;
      }
      case 'start':
        if (this.#isCurrent(message.value.runId)) void this.#run?.start(message.value.atAgentUs);
        return;
      case 'loadLevel':
        if (this.#isCurrent(message.value.runId)) this.#run?.setLevel(message.value);
        return;
      case 'loadChange':
        if (this.#isCurrent(message.value.runId)) this.#run?.changeLoad(message.value);
        return;
      case 'windowAck':
        if (this.#isCurrent(message.value.runId)) this.#run?.acknowledge(message.value.seq);
        return;
      case 'stop':
        if (this.#isCurrent(message.value.runId)) this.#run?.stop(message.value.abort);
        return;
      case 'runEnded':
        if (this.#isCurrent(message.value.runId)) this.#endRun();
        return;
    }
  }

  #isCurrent(runId: string): boolean {
    return this.#run?.runId === runId;
  }

  #endRun(): void {
    void this.#run?.end();
    this.#run = undefined;
    if (this.#options.signal.aborted) this.#go();
  }

  #leave(): void {
    if (this.#run === undefined) {
      this.#go();
      return;
    }
    this.#log('told to end: the load of this agent drains');
    this.#run.leave(`agent ${this.#options.name} was told to end`, false);
    void this.#run.loadEnded.then(() => this.#goWithin(FAREWELL_US));
  }

  #hurry(): void {
    this.#run?.stop(true);
    void this.#run?.loadEnded.then(() => this.#goWithin(HURRIED_FAREWELL_US));
  }

  #goWithin(delayUs: number): void {
    this.#cancelFarewell();
    this.#cancelFarewell = this.#clock.after(delayUs, () => this.#go());
  }

  #go(): void {
    this.#gone.resolve({ kind: 'told-to-end', handedOver: this.#run?.allAcknowledged ?? true });
  }

  #beat(): void {
    this.#cancelHeartbeat = this.#clock.after(HEARTBEAT_US, () => {
      this.#silence.beat();
      if (this.#silence.isTooLong) this.#stream?.cancel();
      if (!this.#hasSpoken) this.#send({ case: 'heartbeat', value: {} });
      this.#hasSpoken = false;
      this.#beat();
    });
  }

  #log(line: string, level: LogFields['level'] = 'info'): void {
    const fields = { level, agent: this.#options.name, epoch: this.#epoch };
    this.#options.log(line, this.#run === undefined ? fields : { ...fields, runId: this.#run.runId });
  }

  #send(message: AgentMessage): void {
    this.#hasSpoken = true;
    this.#stream?.send({ message });
  }

  #join() {
    return {
      name: this.#options.name,
      epoch: this.#epoch,
      protocolVersion: PROTOCOL_VERSION,
      version: VERSION,
      environment: processEnvironment(),
      drivers: [...this.#options.drivers],
      labels: { ...this.#options.labels },
    };
  }
}
