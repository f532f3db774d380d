import type { RandomStream } from '../../core/plan/random.ts';
import type { Outcome, Session, VirtualUserContext } from '../../core/plugin.ts';
import type { Http } from '../../core/script/http.ts';
import type { RequestRecorder } from '../../core/script/request-recorder.ts';
import { DataRows, setsNeeded, unready } from '../data/data-option.ts';
import type { DataSet } from '../data/data-set.ts';
import type { TemplateScope } from '../data/template.ts';
import type { HttpClient } from './connections/client.ts';
import type { HttpUser } from './connections/http-user.ts';
import type { Sender, WireRequest } from './connections/sender.ts';
import { examineDecompressed } from './decompressed-answer.ts';
import { type Answer, type Exchange, failedOutcome, type Judge, type RequestShape } from './exchange.ts';
import type { HttpOperation } from './operation.ts';
import { type LastRequest, LastRequests } from './repeated/last-requests.ts';
import type { ScriptClient } from './script/script-client.ts';
import { ScriptHttp } from './script/script-http.ts';

/** A virtual user of the `http` driver. */
export class HttpSession implements Session, Judge, TemplateScope {
  readonly vu: number;
  readonly runId: string;
  readonly random: RandomStream;
  readonly rows: TemplateScope['rows'];
  readonly variables: Map<string, string>;
  readonly wantsDetail: Judge['wantsDetail'];
  readonly isTraced: boolean;
  iteration = 0;

  protected readonly client: HttpClient;
  protected readonly user: HttpUser;
  readonly #context: VirtualUserContext;
  readonly #sender: Sender;
  readonly #operations: ReadonlyMap<string, HttpOperation>;
  readonly #data: DataRows;
  readonly #scriptClient: () => ScriptClient;
  protected operation: HttpOperation | undefined;
  #scriptHttp: ScriptHttp | undefined;
  /** Undefined until there is one to keep. */
  #lastRequests: LastRequests | undefined;

  /**
   * @param scriptClient what the requests of scripts share; made when the first script asks for it
   * @param sendable names of the operations that the user may send; undefined for all
   */
  constructor(
    client: HttpClient,
    operations: ReadonlyMap<string, HttpOperation>,
    sets: readonly DataSet[],
    runId: string,
    user: VirtualUserContext,
    scriptClient: () => ScriptClient,
    sendable: ReadonlySet<string> | undefined,
  ) {
    this.wantsDetail = user.wantsDetail;
    this.isTraced = user.wantsDetail('');
    this.client = client;
    this.user = client.join(user, this);
    this.#sender = this.user.senderTo(client.origin);
    this.#context = user;
    this.#scriptClient = scriptClient;
    this.#operations = operations;
    this.vu = user.index + 1;
    this.runId = runId;
    this.random = user.random;
    this.variables = user.variables;
    this.#data = new DataRows(sets, user, setsNeeded(operations, sendable));
    this.rows = this.#data.present;
  }

  get finished(): boolean | Promise<unknown> {
    return this.#data.finished;
  }

  finishedFor(name: string): boolean | Promise<unknown> {
    return this.#data.finishedFor(this.#operations.get(name)?.sets);
  }

  open(signal: AbortSignal): Promise<void> {
    return this.#sender.open(this.client.settings.limits, signal);
  }

  send(name: string, signal: AbortSignal): Outcome | Promise<Outcome> {
    const operation = this.#operations.get(name);
    if (operation === undefined) throw new Error(`the http driver has no operation "${name}"`);
    // Most operations need neither, and this runs once per request.
    if (operation.reads.length > 0 || operation.sets.length > 0) {
      const missing = unready(operation.shape.label, operation, this.variables, this.#data);
      if (missing !== undefined) return failedOutcome(missing.kind, missing.message);
    }
    this.operation = operation;
    const sent = this.transmit(operation, signal);
    this.iteration += 1;
    return sent;
  }

  /** Sends a request of the operation, which has all that it needs. */
  protected transmit(operation: HttpOperation, signal: AbortSignal): Promise<Outcome> {
    const { constant, shape } = operation;
    const sender = this.senderOf(operation);
    if (constant) return sender.send(this, shape, constant.bytes, constant.bodyBytes, signal);
    const last = this.lastOf(operation);
    if (last !== undefined) return sender.send(this, shape, last.request, last.bodyBytes, signal);
    const request = operation.render(this);
    if (operation.repeats) this.keepLast(operation, request, '', '');
    return sender.send(this, shape, request, operation.renderedBodyBytes, signal);
  }

  /** The operation's last request, where it may be sent again if its cookies are the same. */
  protected lastOf(operation: HttpOperation): LastRequest | undefined {
    return operation.repeats ? this.#lastRequests?.find(operation, this.variables) : undefined;
  }

  protected keepLast(operation: HttpOperation, request: WireRequest, target: string, cookie: string): void {
    this.#lastRequests ??= new LastRequests();
    const values = operation.reads.map((name) => this.variables.get(name));
    this.#lastRequests.keep(operation, { values, cookie, target, request, bodyBytes: operation.renderedBodyBytes });
  }

  protected senderOf({ origin }: HttpOperation): Sender {
    return origin === undefined ? this.#sender : this.user.senderTo(origin);
  }

  judge(exchange: Exchange, answer: Answer, shape: RequestShape): void {
    const operation = this.operation;
    if (operation === undefined) return;
    if (!shape.keepBody || answer.contentEncoding === '') {
      this.#examine(operation, exchange, answer);
      return;
    }
    examineDecompressed(exchange, answer, shape, (plain) => this.#examine(operation, exchange, plain));
  }

  /** @throws {DecompressionError} when a check or a variable needs a body that cannot be decompressed */
  #examine(operation: HttpOperation, exchange: Exchange, answer: Answer): void {
    operation.checks.apply(exchange, answer, operation.shape);
    if (exchange.ok) operation.succeeded(exchange.status);
    if (exchange.ok && operation.extract.names.length > 0) {
      operation.extract.apply(exchange, answer, operation.shape, this.variables, this.random);
    }
    if (this.isTraced) exchange.variables = exchange.ok ? operation.extract.taken(this.variables) : undefined;
  }

  /** @throws {PluginError} when a header of the driver cannot be sent by a script */
  http(requests: RequestRecorder): Http {
    this.#scriptHttp = new ScriptHttp(this.#scriptClient(), this.#context, this, requests, requests.signal);
    return this.#scriptHttp;
  }

  close(): void {
    this.#scriptHttp?.close();
    this.#lastRequests?.forget();
    this.user.leave(this);
  }
}
