import { errorMessage } from '../../core/error.ts';
import type { RandomStream } from '../../core/plan/random.ts';
import type { Outcome, OutcomeDetail, Session, Timing, VirtualUserContext, WriteTally } from '../../core/plugin.ts';
import { DataRows, setsNeeded, unready } from '../data/data-option.ts';
import type { DataSet } from '../data/data-set.ts';
import type { Abortable, AbortFanout } from '../net/abort-fanout.ts';
import type { DeadlineWheel, Limited } from '../net/deadline-wheel.ts';
import { type ConnectionContext, MysqlConnection } from './connection.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { type MysqlFailure, mysqlFailure } from './failure.ts';
import { BEGIN, COMMIT, type MysqlOperation, ROLLBACK } from './operation.ts';
import type { SqlValue, Statement, StatementScope } from './statement.ts';

/** What all sessions of the driver in one process share. */
export interface SessionContext extends ConnectionContext {
  readonly runId: string;
  readonly operations: ReadonlyMap<string, MysqlOperation>;
  readonly sets: readonly DataSet[];
  /** undefined: each session has a connection of its own. */
  readonly pool: ConnectionPool | undefined;
  readonly poolTiming: Timing;
  readonly deadlines: DeadlineWheel;
  readonly timeoutMs: number;
  readonly aborts: AbortFanout;
}

interface MutableOutcome extends Outcome {
  ok: boolean;
  errorKind: string;
  message: string;
  status: number;
  bytesSent: number;
  bytesReceived: number;
  detail: OutcomeDetail | undefined;
}

/** A virtual user of the `mysql-direct` driver. */
export class MysqlSession implements Session, StatementScope, Limited, Abortable {
  readonly vu: number;
  readonly runId: string;
  readonly random: RandomStream;
  readonly device: string;
  readonly rows: StatementScope['rows'];
  readonly variables: ReadonlyMap<string, string>;
  iteration = 0;
  deadlineTick = 0;
  wheelIndex = -1;

  readonly #context: SessionContext;
  readonly #own: MysqlConnection | undefined;
  readonly #data: DataRows;
  readonly #tally: WriteTally;
  readonly #outcome: MutableOutcome = {
    ok: true,
    errorKind: '',
    message: '',
    status: 0,
    bytesSent: 0,
    bytesReceived: 0,
    detail: undefined,
  };
  readonly #wantsDetail: VirtualUserContext['wantsDetail'];
  readonly #isTraced: boolean;
  #signal: AbortSignal | undefined;
  #operation: MysqlOperation | undefined;
  /** The values of each statement of the operation. */
  #values: readonly (readonly SqlValue[])[] = [];
  #connection: MysqlConnection | undefined;
  #resolve: ((outcome: Outcome) => void) | undefined;
  /** Counts operations, so that an answer that comes late is recognised. */
  #turn = 0;
  #isSent = false;

  constructor(
    context: SessionContext,
    user: VirtualUserContext,
    device: string,
    tally: WriteTally,
    sendable: ReadonlySet<string> | undefined,
  ) {
    this.#context = context;
    this.#own = context.pool === undefined ? new MysqlConnection(context) : undefined;
    this.#tally = tally;
    this.#wantsDetail = user.wantsDetail;
    this.#isTraced = user.wantsDetail('');
    this.vu = user.index + 1;
    this.runId = context.runId;
    this.random = user.random;
    this.variables = user.variables;
    this.device = device;
    this.#data = new DataRows(context.sets, user, setsNeeded(context.operations, sendable));
    this.rows = this.#data.present;
    context.deadlines.add(this);
  }

  get finished(): boolean | Promise<unknown> {
    return this.#data.finished;
  }

  finishedFor(name: string): boolean | Promise<unknown> {
    return this.#data.finishedFor(this.#context.operations.get(name)?.sets);
  }

  /** Does not throw when the server is away: the first operation then reports it. */
  async open(): Promise<void> {
    await this.#own?.open();
  }

  send(name: string, signal: AbortSignal): Promise<Outcome> {
    const operation = this.#context.operations.get(name);
    if (operation === undefined) throw new Error(`the mysql-direct driver has no operation "${name}"`);
    return new Promise((resolve) => {
      this.#begin(operation, signal, resolve);
    });
  }

  overTime(): void {
    const seconds = this.#context.timeoutMs / 1000;
    this.#giveUp('timeout', `no answer within ${seconds} s`);
  }

  cutOff(): void {
    this.#giveUp('aborted', 'the run has cut it off');
  }

  close(): void {
    this.#giveUp('aborted', 'the session was closed');
    this.#context.deadlines.remove(this);
    this.#own?.close();
  }

  #begin(operation: MysqlOperation, signal: AbortSignal, resolve: (outcome: Outcome) => void): void {
    this.#resolve = resolve;
    this.#operation = operation;
    this.#isSent = false;
    const missing = unready(operation.name, operation, this.variables, this.#data);
    if (missing !== undefined) {
      this.#end(missing);
      return;
    }
    try {
      this.#values = operation.statements.map((statement) => statement.values(this));
    } catch (error) {
      this.#end({ kind: 'bad_parameter', message: errorMessage(error) });
      return;
    }
    this.iteration += 1;
    const { aborts, deadlines, timeoutMs, pool } = this.#context;
    if (signal.aborted) {
      this.#end({ kind: 'aborted', message: 'the run has cut it off' });
      return;
    }
    this.#signal = signal;
    aborts.follow(signal, this);
    this.deadlineTick = deadlines.after(timeoutMs);
    const connection = this.#own ?? pool?.tryAcquire();
    if (connection?.isOpen) this.#start(connection);
    else void this.#startWhenReady(connection);
  }

  /** Waits for a shared connection, or for one that has to reconnect. */
  async #startWhenReady(free: MysqlConnection | undefined): Promise<void> {
    const turn = this.#turn;
    const { pool, nowUs, poolTiming } = this.#context;
    let connection = free;
    if (connection === undefined) {
      const startedUs = nowUs();
      connection = (await pool?.acquire()) as MysqlConnection;
      if (turn !== this.#turn) {
        pool?.release(connection);
        return;
      }
      poolTiming.recordUs(Math.max(0, nowUs() - startedUs));
    }
    // From here on the end of the operation releases it.
    this.#connection = connection;
    const failure = await connection.open();
    if (turn !== this.#turn) return;
    if (failure === undefined && connection.isOpen) this.#start(connection);
    else this.#end(failure ?? { kind: 'gone_away', message: 'the server closed the connection' });
  }

  #start(connection: MysqlConnection): void {
    this.#connection = connection;
    const { statements, isTransaction } = this.#operation as MysqlOperation;
    if (isTransaction) this.#run(BEGIN, [], () => this.#statement(0));
    else this.#run(statements[0] as Statement, this.#values[0] ?? [], () => this.#end(undefined));
  }

  /** Runs the statement at this place of the transaction and those after it, then commits. */
  #statement(index: number): void {
    const statement = (this.#operation as MysqlOperation).statements[index];
    if (statement === undefined) this.#run(COMMIT, [], () => this.#end(undefined));
    else this.#run(statement, this.#values[index] ?? [], () => this.#statement(index + 1));
  }

  #run(statement: Statement, values: readonly SqlValue[], next: () => void): void {
    const turn = this.#turn;
    this.#isSent = true;
    (this.#connection as MysqlConnection).run(statement, values, (error) => {
      if (turn !== this.#turn) return;
      if (error === null) {
        next();
        return;
      }
      const failure = mysqlFailure(error);
      if (this.#operation?.isTransaction && this.#connection?.isOpen) {
        this.#connection.run(ROLLBACK, [], () => {
          if (turn === this.#turn) this.#end(failure);
        });
      } else {
        this.#end(failure);
      }
    });
  }

  /** Ends the operation without an answer. Its connection is dropped, since the answer may still come on it. */
  #giveUp(kind: string, message: string): void {
    if (this.#resolve === undefined) return;
    // A connection that is still being made is of use to the next operation.
    if (this.#isSent) this.#connection?.destroy();
    this.#end({ kind, message, errno: 0, isRefusal: false });
  }

  /** The statements without their values, and what the server said in the form in which its own client shows it. */
  #detailOf(failure: Partial<MysqlFailure> | undefined): OutcomeDetail {
    const statements = this.#operation?.statements.map(({ sql }) => sql) ?? [];
    const { errno = 0, sqlState, message } = failure ?? {};
    return {
      sent: this.#isSent ? statements.join(';\n') : undefined,
      received: errno === 0 ? undefined : `ERROR${sqlState === undefined ? '' : ` (${sqlState})`} ${message}`,
    };
  }

  #end(failure: (Pick<MysqlFailure, 'kind' | 'message'> & Partial<MysqlFailure>) | undefined): void {
    const outcome = this.#outcome;
    const bytes = this.#connection?.takeBytes();
    outcome.ok = failure === undefined;
    outcome.errorKind = failure?.kind ?? '';
    outcome.message = failure?.message ?? '';
    outcome.status = failure?.errno ?? 0;
    outcome.bytesSent = bytes?.sent ?? 0;
    outcome.bytesReceived = bytes?.received ?? 0;
    const isWanted = failure === undefined ? this.#isTraced : this.#wantsDetail(failure.kind);
    outcome.detail = isWanted ? this.#detailOf(failure) : undefined;
    if (this.#operation?.writesRow) {
      if (failure === undefined) this.#tally.acknowledged += 1;
      else if (this.#isSent && failure.isRefusal !== true) this.#tally.unknown += 1;
    }
    const resolve = this.#resolve;
    const { pool, aborts } = this.#context;
    if (this.#connection !== undefined) pool?.release(this.#connection);
    if (this.#signal !== undefined) aborts.leave(this.#signal, this);
    this.#connection = undefined;
    this.#signal = undefined;
    this.#resolve = undefined;
    this.deadlineTick = 0;
    this.#turn += 1;
    resolve?.(outcome);
  }
}
