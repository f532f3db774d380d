import { nanoid } from 'nanoid';
import type { HostFiles } from '../core/bundle/host-files.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { processEnvironment } from '../core/environment.ts';
import { errorMessage, unexpectedStack } from '../core/error.ts';
import type { Log, LogFields } from '../core/log.ts';
import { ANY_FILE } from '../core/secret-files.ts';
import { PROTOCOL_VERSION, VERSION } from '../core/version.ts';
import { AgentService, type Assignment } from '../proto/gen/bench/v1/agent_pb.ts';
import { type ControlAccess, createClient } from '../proto/rpc/adapter.ts';
import { AssignedRun } from './assigned-run.ts';
import { type Connection, ControlConnection, type ControlMessage } from './control-connection.ts';
import { checkControlMessage } from './control-message.ts';
import { type LoadSource, realLoad } from './generator.ts';
import type { PlanSources } from './planned-load.ts';

/** How long an agent that was told to end waits, after the end of its load, for control to take its last windows. */
const FAREWELL_US = 15_000_000;
/** The same after it was told to hurry. */
const HURRIED_FAREWELL_US = 2_000_000;

export interface AgentOptions extends PlanSources {
  /** `host:port` */
  readonly control: string;
  /** How to get in. Default: without TLS and without a token. */
  readonly access?: ControlAccess;
  /** Unique among the agents of that control. */
  readonly name: string;
  /** By which runs may choose this agent. */
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the built-in drivers, which control shows. */
  readonly drivers: readonly string[];
  /** Default: plans may name any file that this process may read, and nothing is sent with runs. */
  readonly files?: HostFiles;
  /** Default: the engine. */
  readonly load?: LoadSource;
  /** Called for each acknowledged window, with the microseconds since the window was closed. */
  readonly acknowledged?: (afterUs: number) => void;
  readonly log: Log;
  /** Default: the system's. Tests give their own. */
  readonly clock?: Clock;
  /** Called for each session. Default: gRPC, to `control`. Tests give one without a network. */
  readonly connect?: () => Connection;
  /** Aborted when the agent is to end: it drains its load, sends the rest and ends. */
  readonly signal: AbortSignal;
  /** Aborted after that when the agent is to hurry: it aborts what is in flight and waits less. */
  readonly cut?: AbortSignal;
}

/** Why an agent ended. */
export type AgentExit =
  | {
      readonly kind: 'told-to-end';
      /** Control has stored all that was measured, or has released the agent from its run. */
      readonly handedOver: boolean;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Joins control and does what it assigns, until the agent is told to end or control refuses it. While control cannot be
 * reached it tries again, more and more slowly, and logs that; a load that is under way continues meanwhile.
 */
export async function runAgent(options: AgentOptions): Promise<AgentExit> {
  return new Agent(options).live();
}

class Agent {
  readonly #options: AgentOptions;
  readonly #clock: Clock;
  readonly #epoch = nanoid(12);
  readonly #connection: ControlConnection;
  readonly #ended = Promise.withResolvers<AgentExit>();
  #run: AssignedRun | undefined;
  #cancelFarewell: () => void = () => {};

  constructor(options: AgentOptions) {
    const { control, name, access } = options;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#connection = new ControlConnection({
      control,
      connect: options.connect ?? (() => createClient(AgentService, control, access)),
      join: {
        name,
        epoch: this.#epoch,
        protocolVersion: PROTOCOL_VERSION,
        version: VERSION,
        environment: processEnvironment(),
        drivers: [...options.drivers],
        labels: { ...options.labels },
      },
      clock: this.#clock,
      log: (line, level = 'info') => this.#log(line, { level }),
      joined: () => this.#run?.resend(),
      received: (message) => this.#receive(message),
    });
  }

  async live(): Promise<AgentExit> {
    const { signal, cut } = this.#options;
    const leave = () => this.#leave();
    const hurry = () => this.#hurry();
    signal.addEventListener('abort', leave);
    cut?.addEventListener('abort', hurry);
    if (signal.aborted) leave();
    try {
      return await Promise.race([this.#ended.promise, this.#untilRefused()]);
    } finally {
      this.#cancelFarewell();
      signal.removeEventListener('abort', leave);
      cut?.removeEventListener('abort', hurry);
      await this.#run?.end();
      this.#connection.close();
    }
  }

  async #untilRefused(): Promise<AgentExit> {
    const reason = await this.#connection.run();
    return reason === undefined ? this.#ended.promise : { kind: 'refused', reason };
  }

  /** A message that makes no sense, or a fault of this program, ends the agent's part of the run and not the agent. */
  #receive(message: ControlMessage): void {
    try {
      checkControlMessage(message);
      this.#handle(message);
    } catch (error) {
      const reason = `a message of control could not be handled: ${errorMessage(error)}`;
      this.#log(reason, { level: 'error', stack: unexpectedStack(error) });
      if (message.case === 'assignment') {
        const { runId, attempt } = message.value;
        this.#connection.send({ case: 'prepared', value: { runId, attempt, problems: [reason] } });
      } else this.#run?.leave(reason, true);
    }
  }

  #handle(message: ControlMessage): void {
    switch (message.case) {
      case 'clockProbe': {
        const nowUs = this.#clock.nowUs();
        const { controlUs } = message.value;
        this.#connection.send({ case: 'clockReply', value: { controlUs, receivedUs: nowUs, sentUs: nowUs } });
        return;
      }
      case 'assignment':
        // Control repeats the assignment after a reconnect.
        if (!this.#isCurrent(message.value) || this.#run?.isReplacedBy(message.value)) this.#assign(message.value);
        return;
      case 'start':
        if (this.#isCurrent(message.value)) this.#run?.start(message.value.atAgentUs);
        return;
      case 'loadLevel':
        if (this.#isCurrent(message.value)) this.#run?.setLevel(message.value);
        return;
      case 'loadChange':
        if (this.#isCurrent(message.value)) this.#run?.changeLoad(message.value);
        return;
      case 'rowsDealt':
        if (this.#isCurrent(message.value)) this.#run?.dealt(message.value);
        return;
      case 'rowsRecall':
        if (this.#isCurrent(message.value)) this.#run?.recalled(message.value);
        return;
      case 'windowAck':
        if (this.#isCurrent(message.value)) this.#run?.acknowledge(message.value);
        return;
      case 'stop':
        if (this.#isCurrent(message.value)) this.#run?.stop(message.value.abort);
        return;
      case 'runEnded':
        if (this.#isCurrent(message.value)) this.#endRun();
        return;
    }
  }

  #isCurrent({ runId }: { readonly runId: string }): boolean {
    return this.#run?.runId === runId;
  }

  #assign(assignment: Assignment): void {
    const previousEnded = this.#run?.end();
    const run = new AssignedRun({
      assignment,
      epoch: this.#epoch,
      clock: this.#clock,
      loadDriver: this.#options.loadDriver,
      files: this.#options.files ?? { secrets: ANY_FILE },
      content: (request) => this.#connection.content(request),
      scripts: this.#options.scripts,
      callPlugin: this.#options.callPlugin,
      pluginIn: this.#options.pluginIn,
      load: this.#options.load ?? realLoad,
      acknowledged: this.#options.acknowledged ?? (() => {}),
      log: (line, fields) => this.#log(line, fields),
      send: (message) => this.#connection.send(message),
    });
    this.#run = run;
    // What another attempt has opened is closed first.
    void Promise.resolve(previousEnded).then(() => run.prepare());
  }

  #endRun(): void {
    void this.#run?.end();
    this.#run = undefined;
    if (this.#options.signal.aborted) this.#end();
  }

  #leave(): void {
    if (this.#run === undefined) {
      this.#end();
      return;
    }
    this.#log('told to end: the load of this agent drains');
    this.#run.leave(`agent ${this.#options.name} was told to end`, false);
    void this.#run.loadEnded.then(() => this.#endWithin(FAREWELL_US));
  }

  #hurry(): void {
    this.#run?.stop(true);
    void this.#run?.loadEnded.then(() => this.#endWithin(HURRIED_FAREWELL_US));
  }

  #endWithin(delayUs: number): void {
    this.#cancelFarewell();
    this.#cancelFarewell = this.#clock.after(delayUs, () => this.#end());
  }

  #end(): void {
    this.#ended.resolve({ kind: 'told-to-end', handedOver: this.#run?.allAcknowledged ?? true });
  }

  #log(line: string, fields: Pick<LogFields, 'level' | 'stack'> = {}): void {
    const { name } = this.#options;
    const runId = this.#run === undefined ? {} : { runId: this.#run.runId };
    this.#options.log(line, { level: 'info', ...fields, agent: name, epoch: this.#epoch, ...runId });
  }
}
