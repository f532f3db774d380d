import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Clock } from '../core/clock.ts';
import { errorMessage } from '../core/error.ts';
import type { LogFields } from '../core/log.ts';
import { oneLine } from '../core/text/printable.ts';
import type {
  AgentService,
  GetContentRequestSchema,
  SessionRequestSchema,
  SessionResponse,
} from '../proto/gen/bench/v1/agent_pb.ts';
import { type ClientStream, type RpcCode, RpcError, type ServiceClient } from '../proto/rpc/adapter.ts';
import { HEARTBEAT_US, reconnectDelayMs, Silence } from './reconnect.ts';

/** A message to control. */
export type AgentMessage = Extract<MessageInitShape<typeof SessionRequestSchema>['message'], { case: string }>;
/** A message from control. */
export type ControlMessage = SessionResponse['message'];
/** What an agent asks control for. */
export type ContentRequest = MessageInitShape<typeof GetContentRequestSchema>;
type JoinMessage = Extract<AgentMessage, { case: 'join' }>['value'];

/** One client per session: what is wrong with the connection of one session must not remain with the next. */
export type Connection = Pick<ServiceClient<typeof AgentService>, 'session' | 'getContent' | 'close'>;
type Stream = ClientStream<SessionResponse, MessageInitShape<typeof SessionRequestSchema>>;

/** Statuses with which control refuses a certificate or a message. Trying again would not change them. */
const REFUSALS: readonly RpcCode[] = ['UNAUTHENTICATED', 'PERMISSION_DENIED', 'INVALID_ARGUMENT', 'RESOURCE_EXHAUSTED'];

/** How one session ended; `problem` continues a sentence that begins with control's address. */
type SessionEnd =
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'silent' | 'closed' | 'failed'; readonly problem: string };

/** A session of this length is none that fails. */
const LASTING_US = 2_000_000;

/** How long messages that have come together may keep the event loop from all else, such as a signal to end. */
const MAX_TURN_US = 5_000;

const SILENT: SessionEnd = { kind: 'silent', problem: 'says nothing' };

export interface ControlConnectionOptions {
  /** `host:port`, for the log. */
  readonly control: string;
  readonly connect: () => Connection;
  readonly join: JoinMessage;
  readonly clock: Clock;
  readonly log: (line: string, level?: LogFields['level']) => void;
  /** Called when control has accepted the agent, in each session, before any message of that session. */
  readonly joined: () => void;
  /** Called for each message of control, in order. It must not throw. */
  readonly received: (message: ControlMessage) => void;
}

/**
 * Keeps a session with control: opens one after another, joins in each, sends heartbeats, and gives up a connection on
 * which control has fallen silent. Messages that are sent while there is no session are dropped.
 */
export class ControlConnection {
  readonly #options: ControlConnectionOptions;
  readonly #closed = Promise.withResolvers<void>();
  #connection: Connection | undefined;
  #stream: Stream | undefined;
  #silence = new Silence();
  #isClosed = false;
  #cancelHeartbeat: () => void = () => {};
  #hasSentSinceBeat = false;

  constructor(options: ControlConnectionOptions) {
    this.#options = options;
  }

  /**
   * Called once. Resolves with the reason when control refuses this agent, and with undefined after {@link close}; until
   * then it tries again, more and more slowly.
   */
  async run(): Promise<string | undefined> {
    const { control, clock, log } = this.#options;
    this.#scheduleHeartbeat();
    let failures = 0;
    let hasJoined = false;
    while (!this.#isClosed) {
      let joinedUs = Number.POSITIVE_INFINITY;
      const end = await this.#session(() => {
        log(
          hasJoined
            ? `reached control at ${control} again`
            : `joined control at ${control} as ${this.#options.join.name}`,
        );
        hasJoined = true;
        joinedUs = clock.nowUs();
      });
      // A session that ends at once is another failure: what ends it would end the next one too.
      if (clock.nowUs() - joinedUs >= LASTING_US) failures = 0;
      if (this.#isClosed) break;
      if (end.kind === 'refused') return end.reason;
      const delayMs = reconnectDelayMs(failures, Math.random());
      const next = end.kind === 'silent' ? ': connecting anew' : `; trying again in ${(delayMs / 1000).toFixed(1)} s`;
      log(`control at ${control} ${end.problem}${next}`, 'warn');
      failures++;
      const pause = new Promise<void>((resolve) => {
        clock.after(delayMs * 1000, resolve);
      });
      await Promise.race([pause, this.#closed.promise]);
    }
    return undefined;
  }

  send(message: AgentMessage): void {
    this.#hasSentSinceBeat = true;
    this.#stream?.send({ message });
  }

  /** Fetches a content of a run, piece by piece. @throws {RpcError} when control cannot be reached now, or does not have it */
  async *content(request: ContentRequest): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#connection === undefined) throw new RpcError('UNAVAILABLE', 'control cannot be reached');
    for await (const { piece } of this.#connection.getContent(request)) yield piece;
  }

  /** Ends the session and all attempts. What was sent before still goes out. */
  close(): void {
    this.#isClosed = true;
    this.#closed.resolve();
    this.#cancelHeartbeat();
    this.#stream?.end();
    this.#connection?.close();
  }

  async #session(welcomed: () => void): Promise<SessionEnd> {
    const { clock, connect, join, joined, received } = this.#options;
    const silence = new Silence();
    this.#silence = silence;
    try {
      this.#connection = connect();
      const stream = this.#connection.session();
      this.#stream = stream;
      this.send({ case: 'join', value: join });
      let handlingUs = 0;
      for await (const { message } of stream.messages) {
        const fromUs = clock.nowUs();
        silence.heard();
        if (message.case === 'refused') return { kind: 'refused', reason: oneLine(message.value.reason) };
        if (message.case === 'welcome') {
          welcomed();
          joined();
        } else received(message);
        handlingUs += clock.nowUs() - fromUs;
        if (handlingUs < MAX_TURN_US) continue;
        handlingUs = 0;
        await new Promise<void>((resolve) => clock.soon(resolve));
      }
      return silence.isTooLong ? SILENT : { kind: 'closed', problem: 'has closed the connection' };
    } catch (error) {
      if (silence.isTooLong) return SILENT;
      if (error instanceof RpcError && REFUSALS.includes(error.code)) return { kind: 'refused', reason: error.message };
      const hint = error instanceof RpcError && error.hint !== undefined ? `: ${error.hint}` : '';
      return { kind: 'failed', problem: `cannot be reached (${errorMessage(error)})${hint}` };
    } finally {
      this.#stream = undefined;
      if (!this.#isClosed) this.#connection?.close();
    }
  }

  #scheduleHeartbeat(): void {
    this.#cancelHeartbeat = this.#options.clock.after(HEARTBEAT_US, () => {
      this.#silence.beat();
      if (this.#silence.isTooLong) this.#stream?.cancel();
      if (!this.#hasSentSinceBeat) this.send({ case: 'heartbeat', value: {} });
      this.#hasSentSinceBeat = false;
      this.#scheduleHeartbeat();
    });
  }
}
