import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ChannelCredentials } from '@grpc/grpc-js';
import { nanoid } from 'nanoid';
import { processEnvironment } from '../core/environment.ts';
import type { Log, LogFields } from '../core/log.ts';
import { PROTOCOL_VERSION, VERSION } from '../core/version.ts';
import { type ClientStream, createClient, type RpcCode, RpcError, type ServiceClient } from '../proto/adapter.ts';
import { AgentService, type SessionRequestSchema, type SessionResponse } from '../proto/gen/bench/v1/agent_pb.ts';
import { type AgentMessage, AssignedRun, type LoadDriverFrom } from './assignment.ts';
import { reconnectDelayMs } from './backoff.ts';
import { systemClock } from './engine/clock.ts';

const HEARTBEAT_MS = 1000;
/** What control answers to a certificate that is not good: trying again would change nothing. */
const REFUSALS: readonly RpcCode[] = ['UNAUTHENTICATED', 'PERMISSION_DENIED'];
/** An agent that is told to end waits this long, from the end of its load, for control to take its last windows. */
const FAREWELL_MS = 15_000;
/** The same when it has to hurry. */
const HURRIED_FAREWELL_MS = 2000;

export interface AgentOptions {
  /** `host:port` */
  readonly control: string;
  /** How to connect; without TLS by default. */
  readonly credentials?: ChannelCredentials;
  /** Unique among the agents of that control. */
  readonly name: string;
  /** Names of the drivers that are built in, for control to show. */
  readonly drivers: readonly string[];
  readonly loadDriver: LoadDriverFrom;
  readonly log: Log;
  /** Aborted: drain, send the rest, end. */
  readonly signal: AbortSignal;
  /** Aborted after that: cut off what is in flight, and wait less. */
  readonly cut?: AbortSignal;
}

/** Why an agent ended. */
export type AgentExit = { readonly kind: 'told-to-end' } | { readonly kind: 'refused'; readonly reason: string };

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
  readonly #epoch = nanoid(12);
  readonly #gone = Promise.withResolvers<AgentExit>();
  #stream: Stream | undefined;
  #run: AssignedRun | undefined;
  #farewell: ReturnType<typeof setTimeout> | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  async live(): Promise<AgentExit> {
    const { signal, control, credentials } = this.#options;
    const client = createClient(AgentService, control, credentials);
    const leave = () => this.#leave();
    const hurry = () => this.#hurry();
    signal.addEventListener('abort', leave);
    this.#options.cut?.addEventListener('abort', hurry);
    const heartbeat = setInterval(() => this.#send({ case: 'heartbeat', value: {} }), HEARTBEAT_MS);
    if (signal.aborted) leave();
    try {
      const sessions = this.#sessions(client);
      return await Promise.race([this.#gone.promise, sessions]);
    } finally {
      clearInterval(heartbeat);
      clearTimeout(this.#farewell);
      signal.removeEventListener('abort', leave);
      this.#options.cut?.removeEventListener('abort', hurry);
      await this.#run?.end();
      this.#stream?.end();
      client.close();
    }
  }

  /** One session after another; ends only when control refuses this agent. */
  async #sessions(client: ServiceClient<typeof AgentService>): Promise<AgentExit> {
    const { control, name } = this.#options;
    let failures = 0;
    for (;;) {
      const ended = await this.#session(client.session(), () => {
        this.#log(failures === 0 ? `joined control at ${control} as ${name}` : `reached control at ${control} again`);
        failures = 0;
      });
      if (ended.refused !== undefined) return { kind: 'refused', reason: ended.refused };
      const delayMs = reconnectDelayMs(failures, Math.random());
      this.#log(`control at ${control} ${ended.problem}; trying again in ${(delayMs / 1000).toFixed(1)} s`, 'warn');
      failures++;
      await Promise.race([new Promise((resolve) => setTimeout(resolve, delayMs)), this.#gone.promise]);
    }
  }

  async #session(stream: Stream, welcomed: () => void): Promise<{ problem: string; refused?: string }> {
    this.#stream = stream;
    this.#send({ case: 'join', value: this.#join() });
    try {
      for await (const { message } of stream.messages) {
        if (message.case === 'refused') return { problem: 'refused', refused: message.value.reason };
        if (message.case === 'welcome') {
          welcomed();
          this.#run?.resend();
        } else this.#handle(message);
      }
      return { problem: 'has closed the connection' };
    } catch (error) {
      if (error instanceof RpcError && REFUSALS.includes(error.code)) {
        return { problem: 'refused', refused: error.message };
      }
      return { problem: `cannot be reached (${error instanceof Error ? error.message : String(error)})` };
    } finally {
      this.#stream = undefined;
    }
  }

  #handle(message: SessionResponse['message']): void {
    switch (message.case) {
      case 'clockProbe':
        this.#send({
          case: 'clockReply',
          value: { controlUs: message.value.controlUs, agentUs: systemClock.nowUs() },
        });
        return;
      case 'assignment': {
        // Control says it again after a reconnect.
        if (this.#isCurrent(message.value.runId)) return;
        void this.#run?.end();
        this.#run = new AssignedRun({
          assignment: message.value,
          epoch: this.#epoch,
          clock: systemClock,
          loadDriver: this.#options.loadDriver,
          log: (line) => this.#log(line),
          send: (reply) => this.#send(reply),
        });
        void this.#run.prepare();
        return;
      }
      case 'start':
        if (this.#isCurrent(message.value.runId)) void this.#run?.start(message.value.atAgentUs);
        return;
      case 'loadLevel':
        if (this.#isCurrent(message.value.runId)) this.#run?.setLevel(message.value);
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
    if (this.#options.signal.aborted) this.#gone.resolve({ kind: 'told-to-end' });
  }

  #leave(): void {
    if (this.#run === undefined) {
      this.#gone.resolve({ kind: 'told-to-end' });
      return;
    }
    this.#log('told to end: the load of this agent drains');
    this.#send({ case: 'leaving', value: { reason: `agent ${this.#options.name} was told to end` } });
    this.#run.stop(false);
    void this.#run.loadEnded.then(() => this.#goWithin(FAREWELL_MS));
  }

  #hurry(): void {
    this.#run?.stop(true);
    void this.#run?.loadEnded.then(() => this.#goWithin(HURRIED_FAREWELL_MS));
  }

  #goWithin(delayMs: number): void {
    clearTimeout(this.#farewell);
    this.#farewell = setTimeout(() => this.#gone.resolve({ kind: 'told-to-end' }), delayMs);
  }

  #log(line: string, level: LogFields['level'] = 'info'): void {
    const fields = { level, agent: this.#options.name, epoch: this.#epoch };
    this.#options.log(line, this.#run === undefined ? fields : { ...fields, runId: this.#run.runId });
  }

  #send(message: AgentMessage): void {
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
    };
  }
}
