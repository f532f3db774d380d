import { errorMessage } from '../../core/error.ts';
import type { RandomStream } from '../../core/plan/random.ts';
import type { Outcome, Session, VirtualUserContext } from '../../core/plugin.ts';
import { DataRows, setsNeeded, unready } from '../data/data-option.ts';
import type { DataSet } from '../data/data-set.ts';
import type { TemplateScope } from '../data/template.ts';
import { Exchange, failedOutcome } from '../http/exchange.ts';
import type { GrpcCaller, GrpcClient } from './grpc-client.ts';
import type { GrpcOperation } from './grpc-operation.ts';
import type { UnaryCall, UnaryRequest } from './unary-call.ts';

/** What the sessions of a driver share. */
export interface SessionContext {
  readonly client: GrpcClient;
  readonly operations: ReadonlyMap<string, GrpcOperation>;
  readonly sets: readonly DataSet[];
  readonly runId: string;
}

/** A virtual user of the `grpc` driver. */
export class GrpcSession implements Session, TemplateScope {
  readonly vu: number;
  readonly runId: string;
  readonly random: RandomStream;
  readonly rows: TemplateScope['rows'];
  readonly variables: Map<string, string>;
  iteration = 0;

  readonly #user: VirtualUserContext;
  readonly #caller: GrpcCaller;
  readonly #operations: ReadonlyMap<string, GrpcOperation>;
  readonly #data: DataRows;
  readonly #isTraced: boolean;
  /** One object that every call reuses. */
  readonly #exchange = new Exchange();

  constructor(
    { client, operations, sets, runId }: SessionContext,
    user: VirtualUserContext,
    sendable: ReadonlySet<string> | undefined,
  ) {
    this.vu = user.index + 1;
    this.runId = runId;
    this.random = user.random;
    this.variables = user.variables;
    this.#user = user;
    this.#isTraced = user.wantsDetail('');
    this.#caller = client.join(user.index);
    this.#operations = operations;
    this.#data = new DataRows(sets, user, setsNeeded(operations, sendable));
    this.rows = this.#data.present;
  }

  get finished(): boolean | Promise<unknown> {
    return this.#data.finished;
  }

  finishedFor(name: string): boolean | Promise<unknown> {
    return this.#data.finishedFor(this.#operations.get(name)?.sets);
  }

  open(): Promise<void> {
    return this.#caller.open();
  }

  send(name: string, signal: AbortSignal): Outcome | Promise<Outcome> {
    const operation = this.#operations.get(name);
    if (operation === undefined) throw new Error(`the grpc driver has no operation "${name}"`);
    if (operation.reads.length > 0 || operation.sets.length > 0) {
      const missing = unready(operation.label, operation, this.variables, this.#data);
      if (missing !== undefined) return failedOutcome(missing.kind, missing.message);
    }
    let request: UnaryRequest;
    try {
      request = operation.request(this, this.#isTraced);
    } catch (error) {
      return failedOutcome('bad_request', `${operation.label}: the message cannot be made: ${errorMessage(error)}`);
    } finally {
      this.iteration += 1;
    }
    return this.#caller.call(request, signal).then((call) => this.#outcomeOf(operation, call));
  }

  close(): void {
    this.#caller.close();
  }

  #outcomeOf(operation: GrpcOperation, call: UnaryCall): Outcome {
    const exchange = this.#exchange;
    operation.judge(call, exchange, this.variables, this.random);
    if (exchange.ok ? this.#isTraced : this.#user.wantsDetail(exchange.errorKind)) {
      const variables = exchange.ok ? operation.extract.taken(this.variables) : undefined;
      exchange.detail = { ...operation.detail(call), variables };
    }
    return exchange;
  }
}
