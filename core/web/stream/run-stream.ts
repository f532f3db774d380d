import { randomInt } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { ObservedRun } from '../../control/orchestrator/run-lifecycle.ts';
import { interimJudgement } from '../../control/results/interim-result.ts';
import { type LiveRows, liveRows } from '../../control/results/live-rows.ts';
import { isEnded, reasonOf } from '../../control/run/run-state.ts';
import type { ValidityCheck } from '../../stats/result.ts';
import type { RunEventData, RunEventName } from '../api/run-events.ts';
import { agentRows, ToldAgents } from '../live/agent-rows.ts';
import { otherTexts, shownEvent, shownReason } from '../live/event.ts';
import { helloOf } from '../live/hello.ts';
import { shownLoadChange } from '../live/load-change.ts';
import { percentilesOf } from '../live/percentiles.ts';
import { presenceOf, secondOf } from '../live/second.ts';
import { EventBacklog } from './event-backlog.ts';
import type { EventClient } from './event-client.ts';
import { eventFrame } from './sse-frame.ts';

type Role = RunEventData<'hello'>['role'];

/** Who has missed more than this asks for the time before instead, which has fewer points. */
const MAX_MISSED_BYTES = 4 * 1024 * 1024;
/** After these seconds, and then each ten, percentiles are made. */
const FIRST_PERCENTILES = [1, 2, 5];
const PERCENTILES_EACH_S = 10;
const AGENTS_EACH_S = 2;
/** How often it is judged what is wrong with the measurement, while no agent comes or goes. */
const WARNINGS_EACH_S = 5;

export interface RunStreamOptions {
  readonly clock: Clock;
  /** What becomes known with the end of the run. */
  readonly ending: (run: ObservedRun) => RunEventData<'result'>;
  /** Called when the run has ended and all clients were told. */
  readonly ended: () => void;
}

/** What the clients of one run are sent. Each event is encoded once, and all get the same bytes. */
export class RunStream {
  readonly #observed: () => ObservedRun;
  readonly #options: RunStreamOptions;
  readonly #clients = new Map<EventClient, Role>();
  readonly #backlog: EventBacklog;
  readonly #stop: () => void;
  readonly #told = new ToldAgents();
  #rows: LiveRows;
  #monitors: readonly string[] = [];
  #hello = '';
  #second: number;
  #columnFrom: number;
  #loadChanges = 0;
  #failing: readonly ValidityCheck[] = [];
  #presence = '';
  #judgedSecond = Number.NEGATIVE_INFINITY;
  #agentsSecond = Number.NEGATIVE_INFINITY;

  /** @param observed the run as it is when it is called */
  constructor(observed: () => ObservedRun, options: RunStreamOptions) {
    this.#observed = observed;
    this.#options = options;
    const { run, parts } = observed();
    this.#second = run.totals.settledSecond;
    this.#columnFrom = this.#second + 1;
    this.#rows = liveRows(run);
    this.#loadChanges = parts?.requested.length ?? 0;
    this.#readMonitors();
    this.#hello = JSON.stringify(this.#helloFor('viewer', 0));
    // The number does not begin anew when control is started again, so that no id stands for two events.
    this.#backlog = new EventBacklog(options.clock, this.#second, randomInt(1_000_000));
    this.#stop = run.events.observe({
      changed: () => this.#stateChanged(),
      recorded: (text, us) => this.#recorded(text, us),
      notified: (text) =>
        this.#send('log', { at: new Date(options.clock.epochMs()).toISOString(), text, texts: otherTexts(text) }),
      ticked: () => this.#catchUp(),
    });
  }

  get clients(): number {
    return this.#clients.size;
  }

  /**
   * Sends a client what it has missed, and all that comes from now on.
   * @param lastEventId of the last event that it got
   */
  attach(client: EventClient, role: Role, lastEventId: string | undefined): void {
    this.#clients.set(client, role);
    client.onClose(() => this.#clients.delete(client));
    const missed = lastEventId === undefined ? undefined : this.#missedSince(lastEventId, role);
    if (missed !== undefined) {
      client.begin(missed);
      return;
    }
    const again = lastEventId === undefined ? [] : [eventFrame('reload', {}, this.#backlog.lastId)];
    client.begin([...again, ...this.#introduction(role)]);
  }

  /** Undefined where it is not kept, or is more than a client can be sent at once. */
  #missedSince(lastEventId: string, role: Role): readonly Uint8Array[] | undefined {
    const missed = this.#backlog.after(lastEventId)?.map(({ bytes }) => bytes[role]);
    const bytes = missed?.reduce((sum, { length }) => sum + length, 0) ?? 0;
    return bytes > MAX_MISSED_BYTES ? undefined : missed;
  }

  close(): void {
    this.#stop();
    for (const client of this.#clients.keys()) client.end();
  }

  #introduction(role: Role): readonly Uint8Array[] {
    const { run, parts } = this.#observed();
    const { lastId } = this.#backlog;
    const { state } = run.events;
    const rows = parts === undefined ? [] : agentRows(run, parts);
    return [
      eventFrame('hello', this.#helloFor(role, run.totals.settledSecond), lastId),
      eventFrame('state', { state: state.kind, ...shownReason(reasonOf(state)) }, lastId),
      ...(['percentiles', 'second'] as const).flatMap((name) => this.#backlog.newest(name)?.bytes[role] ?? []),
      ...this.#backlog.all('log').map(({ bytes }) => bytes[role]),
      ...(rows.length > 0 ? [eventFrame('agents', { rows, total: rows.length }, lastId)] : []),
    ];
  }

  #stateChanged(): void {
    const { run } = this.#observed();
    const { state } = run.events;
    this.#catchUp(state.kind === 'verifying' || isEnded(state));
    this.#send('state', { state: state.kind, ...shownReason(reasonOf(state)) });
    if (!isEnded(state)) {
      this.#sayHelloAgain();
      return;
    }
    this.#send('result', this.#options.ending(this.#observed()));
    this.#send('end', {});
    this.close();
    this.#options.ended();
  }

  #recorded(text: string, us: number): void {
    const { startUs } = this.#observed().parts ?? {};
    if (startUs !== undefined) this.#send('event', shownEvent({ atUs: Math.round(us - startUs), text }));
    this.#sendLoadChanges();
  }

  #sendLoadChanges(): void {
    const { run, parts } = this.#observed();
    const requested = parts?.requested ?? [];
    for (const change of requested.slice(this.#loadChanges)) this.#send('load', shownLoadChange(change, run.spec.plan));
    this.#loadChanges = requested.length;
  }

  /** Sends the seconds that were settled since the last call. @param isLast whether no other follows */
  #catchUp(isLast = false): void {
    const { run, parts } = this.#observed();
    if (parts?.startUs === undefined) return;
    this.#rows = parts.rows();
    this.#readMonitors();
    this.#sayHelloAgain();
    this.#sendLoadChanges();
    const from = this.#second + 1;
    const to = run.totals.settledSecond;
    const elapsedUs = this.#options.clock.nowUs() - parts.startUs;
    const presence = JSON.stringify(presenceOf(parts));
    const isDue = isPercentilesDue(from, to) || (isLast && this.#columnFrom <= to);
    const mustJudge = isDue || presence !== this.#presence || to - this.#judgedSecond >= WARNINGS_EACH_S;
    const judgement = mustJudge ? interimJudgement(parts) : undefined;
    if (judgement !== undefined) {
      this.#failing = judgement.failing;
      this.#presence = presence;
      this.#judgedSecond = to;
    }
    this.#sendSeconds(from, to, elapsedUs);
    if (isDue && judgement !== undefined) {
      const { thresholds } = judgement;
      const { rows, fromSecond } = { rows: this.#rows, fromSecond: this.#columnFrom };
      this.#send('percentiles', percentilesOf(to, { run, parts, rows, thresholds, fromSecond }));
      this.#columnFrom = to + 1;
    }
    this.#sendAgents(elapsedUs, isLast);
  }

  #sendSeconds(from: number, to: number, elapsedUs: number): void {
    const { run, parts } = this.#observed();
    if (parts === undefined) return;
    const source = { run, parts, rows: this.#rows, monitors: this.#monitors, failing: this.#failing, elapsedUs };
    for (let second = from; second <= to; second++) {
      this.#second = second;
      this.#send('second', secondOf(second, source));
    }
  }

  #sendAgents(elapsedUs: number, isLast: boolean): void {
    const { run, parts } = this.#observed();
    const second = Math.floor(elapsedUs / 1e6);
    if (parts === undefined || (second - this.#agentsSecond < AGENTS_EACH_S && !isLast)) return;
    this.#agentsSecond = second;
    const all = agentRows(run, parts);
    const rows = this.#told.news(all);
    if (rows.length > 0) this.#send('agents', { rows, total: all.length });
  }

  #readMonitors(): void {
    const names = this.#observed().parts?.monitors.names ?? [];
    const added = names.filter((name) => !this.#monitors.includes(name));
    if (added.length > 0) this.#monitors = [...this.#monitors, ...added];
  }

  /** Scripts may have named rows, monitors metrics, and the load may have its start now. */
  #sayHelloAgain(): void {
    const hello = JSON.stringify(this.#helloFor('viewer', 0));
    if (hello === this.#hello) return;
    this.#hello = hello;
    const { settledSecond } = this.#observed().run.totals;
    const frameFor = (role: Role, id: string) => eventFrame('hello', this.#helloFor(role, settledSecond), id);
    const entry = this.#backlog.add('hello', this.#second, (id) => {
      return { viewer: frameFor('viewer', id), operator: frameFor('operator', id) };
    });
    for (const [client, role] of this.#clients) client.send(entry.bytes[role]);
  }

  #helloFor(role: Role, second: number): RunEventData<'hello'> {
    return { ...helloOf(this.#observed(), this.#rows, this.#monitors, role), second };
  }

  #send<Name extends RunEventName>(name: Name, data: RunEventData<Name>): void {
    const entry = this.#backlog.add(name, this.#second, (id) => {
      const bytes = eventFrame(name, data, id);
      return { viewer: bytes, operator: bytes };
    });
    const mayMiss = name === 'second' || name === 'agents';
    for (const [client, role] of this.#clients) client.send(entry.bytes[role], mayMiss);
  }
}

function isPercentilesDue(from: number, to: number): boolean {
  for (let second = from; second <= to; second++) {
    if (FIRST_PERCENTILES.includes(second) || (second > 0 && second % PERCENTILES_EACH_S === 0)) return true;
  }
  return false;
}
