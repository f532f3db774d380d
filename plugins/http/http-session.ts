import type { RandomStream } from '../../core/plan/random.ts';
import type { Outcome, Session, VirtualUserContext } from '../../core/plugin.ts';
import type { HttpClient } from './client.ts';
import { HttpConnection } from './connection.ts';
import type { DataSet } from './data-set.ts';
import type { Answer, Exchange, Judge, RequestShape } from './exchange.ts';
import type { HttpOperation } from './operation.ts';
import type { TemplateScope } from './template.ts';

/** A virtual user of the `http` driver. */
export class HttpSession implements Session, Judge, TemplateScope {
  readonly vu: number;
  readonly runId: string;
  readonly random: RandomStream;
  readonly rows: (readonly string[])[] = [];
  iteration = 0;
  /** There is nothing left to send: a data set that is to stop the virtual user has no row for it. */
  finished = false;

  readonly #connection: HttpConnection;
  readonly #operations: ReadonlyMap<string, HttpOperation>;
  readonly #sets: readonly DataSet[];
  #operation: HttpOperation | undefined;
  /** The set that has no row left. */
  #exhausted: DataSet | undefined;

  constructor(
    client: HttpClient,
    operations: ReadonlyMap<string, HttpOperation>,
    sets: readonly DataSet[],
    runId: string,
    user: VirtualUserContext,
  ) {
    this.#connection = new HttpConnection(client, this);
    this.#operations = operations;
    this.#sets = sets;
    this.vu = user.index + 1;
    this.runId = runId;
    this.random = user.random;
    this.#takeRows();
  }

  open(signal: AbortSignal): Promise<void> {
    return this.#connection.open(signal);
  }

  send(name: string, signal: AbortSignal): Outcome | Promise<Outcome> {
    const operation = this.#operations.get(name);
    if (operation === undefined) throw new Error(`the http driver has no operation "${name}"`);
    if (this.#exhausted) return this.#noRow(this.#exhausted);
    this.#operation = operation;
    const { constant, shape } = operation;
    if (constant) return this.#connection.send(shape, constant.bytes, constant.bodyBytes, signal);
    const { request, bodyBytes } = operation.render(this);
    this.iteration += 1;
    this.#takeRows();
    return this.#connection.send(shape, request, bodyBytes, signal);
  }

  judge(exchange: Exchange, answer: Answer, shape: RequestShape): void {
    this.#operation?.checks.apply(exchange, answer, shape);
  }

  close(): void {
    this.#connection.close();
  }

  /** Ahead of the request that needs them, so that a user without a row is known to be at its end. */
  #takeRows(): void {
    for (const [i, set] of this.#sets.entries()) {
      const row = set.next(this.vu - 1, this.random);
      if (row) {
        this.rows[i] = row;
      } else {
        this.#exhausted = set;
        this.finished = set.atEnd === 'stop';
      }
    }
  }

  #noRow({ file, rows }: DataSet): Outcome {
    const { exchange } = this.#connection;
    exchange.begin(0);
    exchange.fail('data_exhausted', `data file ${file}: all ${rows.length} rows are used`);
    return exchange;
  }
}
