import { bundleToMessage } from '../../../proto/bundle-codec.ts';
import { TraceMode } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { shareToMessage } from '../../../proto/load-change-codec.ts';
import type { Share } from '../../plan/load/split.ts';
import type { AgentConnection, ToAgent } from '../agents/agent-connection.ts';
import type { AgentPolicy } from '../run/checkpoint.ts';
import type { RunSpec } from '../run/run-spec.ts';

/**
 * The commands that take one agent through a run: its assignment, the start and the stop. A message to an agent that is not
 * here is dropped, so each command is kept, and can be repeated when the agent is back.
 */
export class AgentCommands {
  readonly #runId: string;
  readonly #connection: Pick<AgentConnection, 'send'>;
  readonly #given = new Map<ToAgent['case'], ToAgent>();

  constructor(runId: string, connection: Pick<AgentConnection, 'send'>) {
    this.#runId = runId;
    this.#connection = connection;
  }

  /**
   * Has the agent open its drivers and connect its first virtual users.
   * @param attempt identifies this preparation of the run
   */
  assign(
    attempt: string,
    { json, baseDirectory, bundle }: Pick<RunSpec, 'json' | 'baseDirectory' | 'bundle'>,
    share: Share,
    trace: AgentPolicy['trace'],
  ): void {
    const plan = { json, baseDirectory, bundle: bundleToMessage(bundle?.entries ?? []) };
    const mode = trace && { all: TraceMode.ALL, failed: TraceMode.FAILED }[trace];
    const value = { runId: this.#runId, attempt, plan, share: shareToMessage(share), ...(mode && { trace: mode }) };
    this.#give({ case: 'assignment', value });
  }

  /**
   * Keeps the start, which {@link repeat} then sends.
   * @param atAgentUs the run start on the agent's clock
   */
  keepStart(atAgentUs: number): void {
    this.#given.set('start', { case: 'start', value: { runId: this.#runId, atAgentUs } });
  }

  /** Has the agent end its load: at once with `abort`, else when its operations in flight have ended. */
  stop(abort: boolean): void {
    this.#give({ case: 'stop', value: { runId: this.#runId, abort } });
  }

  hasGiven(command: 'assignment' | 'start' | 'stop'): boolean {
    return this.#given.has(command);
  }

  /** Sends the latest command of this kind again, if one was given. */
  repeat(command: 'assignment' | 'start' | 'stop'): void {
    const given = this.#given.get(command);
    if (given) this.#connection.send(given);
  }

  #give(command: ToAgent): void {
    this.#given.set(command.case, command);
    this.#connection.send(command);
  }
}
