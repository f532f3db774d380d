import type { RandomStream } from '../../core/plan/random.ts';
import type { Outcome, Session, VirtualUserContext } from '../../core/plugin.ts';
import type { HttpClient } from './client.ts';
import type { DataSet } from './data-set.ts';
import type { Answer, Exchange, Judge, RequestShape } from './exchange.ts';
import { Http1Connection } from './http1-connection.ts';
import { Http2Connection } from './http2-connection.ts';
import type { HttpOperation } from './operation.ts';
import type { TemplateScope } from './template.ts';

/** A virtual user of the `http` driver. */
export class HttpSession implements Session, Judge, TemplateScope {
  readonly vu: number;
  readonly runId: string;
  readonly random: RandomStream;
  /** The present row of each data set; undefined when there is none left. */
  readonly rows: (readonly string[] | undefined)[] = [];
  iteration = 0;
  /** There is nothing left to send: a data set that is to stop the virtual user has no row for it. */
  finished = false;

  readonly #connection: Http1Connection | Http2Connection;
  readonly #operations: ReadonlyMap<string, HttpOperation>;
  readonly #sets: readonly DataSet[];
  #operation: HttpOperation | undefined;

  constructor(
    client: HttpClient,
    operations: ReadonlyMap<string, HttpOperation>,
    sets: readonly DataSet[],
    runId: string,
    user: VirtualUserContext,
  ) {
    this.#connection = new (client.http2 ? Http2Connection : Http1Connection)(client, this);
    this.#operations = operations;
    this.#sets = sets;
    this.vu = user.index + 1;
    this.runId = runId;
    this.random = user.random;
    for (const set of sets.keys()) this.#takeRow(set);
  }

  open(signal: AbortSignal): Promise<void> {
    return this.#connection.open(signal);
  }

  send(name: string, signal: AbortSignal): Outcome | Promise<Outcome> {
    const operation = this.#operations.get(name);
    if (operation === undefined) throw new Error(`the http driver has no operation "${name}"`);
    for (const set of operation.sets) {
      if (this.rows[set] === undefined) return this.#noRow(this.#sets[set] as DataSet);
    }
    this.#operation = operation;
    const sent = this.#transmit(operation, signal);
    this.iteration += 1;
    for (const set of operation.sets) this.#takeRow(set);
    return sent;
  }

  #transmit(operation: HttpOperation, signal: AbortSignal): Promise<Outcome> {
    const connection = this.#connection;
    if (connection instanceof Http2Connection) return connection.send(operation, this, signal);
    const { constant, shape } = operation;
    if (constant) return connection.send(shape, constant.bytes, constant.bodyBytes, signal);
    return connection.send(shape, operation.render(this), operation.renderedBodyBytes, signal);
  }

  judge(exchange: Exchange, answer: Answer, shape: RequestShape): void {
    this.#operation?.checks.apply(exchange, answer, shape);
  }

  close(): void {
    this.#connection.close();
  }

  /** Ahead of the request that needs it, so that a user without a row is known to be at its end. */
  #takeRow(set: number): void {
    const { atEnd } = this.#sets[set] as DataSet;
    const row = (this.#sets[set] as DataSet).next(this.vu - 1, this.random);
    this.rows[set] = row;
    if (row === undefined && atEnd === 'stop') this.finished = true;
  }

  #noRow({ file, rows }: DataSet): Outcome {
    const { exchange } = this.#connection;
    exchange.begin(0);
    exchange.fail('data_exhausted', `data file ${file}: all ${rows.length} rows are used`);
    return exchange;
  }
}
