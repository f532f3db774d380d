import type { Outcome } from '../../../core/outcome.ts';
import { type OperationInfo, PluginError, type Session } from '../../../core/plugin.ts';
import type { Http } from '../../../core/script/http.ts';
import type { RequestRecorder } from '../../../core/script/request-recorder.ts';
import type { SendOptions, UserDriver } from '../../../core/script/user.ts';
import { nearest } from '../../../core/text/nearest.ts';
import { ABORTED } from './failure.ts';
import { NO_ANSWER, NO_BYTES, outcomeFrom, outcomeOfThrown } from './outcome.ts';
import { settledOrCut } from './settled-or-cut.ts';

const NOT_SENT: Outcome = { ok: false, errorKind: ABORTED.kind, message: ABORTED.message, ...NO_BYTES };

/** Values that the plan's operations and the script share. */
export interface SharedVariables {
  /** Gives the operations what the script has set. */
  give(): void;
  /** Takes over what an operation has set. */
  take(names: readonly string[]): void;
}

/** One virtual user's session with a driver, as its script uses it. */
export class ScriptDriver implements UserDriver {
  readonly #name: string;
  readonly #session: Session;
  readonly #operations: readonly OperationInfo[];
  readonly #requests: RequestRecorder;
  readonly #variables: SharedVariables;
  /** The operation in flight; calls of a session must not overlap. */
  #inFlight: { readonly row: number; readonly dueUs: number; readonly startUs: number } | undefined;
  #http: Http | undefined;
  readonly #waiting: (() => void)[] = [];

  constructor(
    name: string,
    session: Session,
    operations: readonly OperationInfo[],
    requests: RequestRecorder,
    variables: SharedVariables,
  ) {
    this.#name = name;
    this.#session = session;
    this.#operations = operations;
    this.#requests = requests;
    this.#variables = variables;
  }

  /** The row of the operation in flight. */
  get rowInFlight(): number | undefined {
    return this.#inFlight?.row;
  }

  get http(): Http {
    this.#http ??= this.#session.http?.(this.#requests);
    if (this.#http !== undefined) return this.#http;
    throw new PluginError(`driver("${this.#name}").http: this driver has no HTTP client`);
  }

  async send(operation?: string, { name, tags }: SendOptions = {}): Promise<Outcome> {
    const info = this.#operation(operation);
    const requests = this.#requests;
    const row = requests.row(name ?? info.name, info.type, tags);
    for (let wait = requests.wait(); wait !== undefined; wait = requests.wait()) {
      await wait;
      if (requests.signal.aborted) return NOT_SENT;
    }
    let dueUs = requests.due();
    let startUs = requests.askedUs;
    for (;;) {
      const { finished } = this.#session;
      const waitsFromUs = startUs;
      if (this.#inFlight !== undefined) {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
        startUs = requests.nowUs();
        // It is due when the one before has ended: the wait for it is no delay of the generator.
        dueUs += startUs - waitsFromUs;
      } else if (finished instanceof Promise) {
        await settledOrCut(finished, requests.signal);
        startUs = requests.nowUs();
        if (requests.signal.aborted) return NOT_SENT;
      } else break;
    }
    this.#inFlight = { row, dueUs, startUs };
    this.#variables.give();
    let outcome: Outcome;
    try {
      const sent = this.#session.send(info.name, requests.signal);
      outcome = outcomeFrom(sent instanceof Promise ? await sent : sent);
    } catch (error) {
      outcome = outcomeOfThrown(error);
    }
    this.#inFlight = undefined;
    this.#waiting.shift()?.();
    requests.record(row, dueUs, startUs, outcome);
    if (info.sets !== undefined) this.#variables.take(info.sets);
    // The session may return the same object every time, and the script may keep this one.
    const { ok, errorKind, message, status, bytesSent, bytesReceived } = outcome;
    return { ok, errorKind, message, status, bytesSent, bytesReceived };
  }

  /** Counts the operation in flight as failed. Called before the pass is abandoned. */
  abandon(): void {
    if (this.#inFlight === undefined) return;
    const { row, dueUs, startUs } = this.#inFlight;
    this.#requests.record(row, dueUs, startUs, NO_ANSWER);
  }

  #operation(wanted: string | undefined): OperationInfo {
    const all = this.#operations;
    const found =
      wanted === undefined ? (all.length === 1 ? all[0] : undefined) : all.find(({ name }) => name === wanted);
    if (found !== undefined) return found;
    const names = all.map(({ name }) => name);
    if (wanted === undefined) {
      throw new PluginError(`driver "${this.#name}" has several operations; send one of ${names.join(', ')}`);
    }
    const guess = nearest(wanted, names);
    const hint = guess === undefined ? `it has ${names.join(', ') || 'none'}` : `did you mean "${guess}"?`;
    throw new PluginError(`driver "${this.#name}" has no operation "${wanted}"; ${hint}`);
  }
}
