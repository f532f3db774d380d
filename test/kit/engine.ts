import { Engine } from '../../agents/engine/engine.ts';
import { IDLE_HOST } from '../../agents/simulation/synthetic-window.ts';
import { equalShare, type Share } from '../../core/plan/load/split.ts';
import { parsePlan } from '../../core/plan/parse.ts';
import { resolvePlan } from '../../core/plan/resolve.ts';
import type { PlanInput } from '../../core/plan/schema.ts';
import type { DriverPlugin, Outcome } from '../../core/plugin.ts';
import { defineDriver } from '../../core/plugin.ts';
import { Histogram } from '../../core/stats/histogram.ts';
import type { Phase, RowFigures, Window } from '../../core/stats/window.ts';
import type { FakeClock } from '../../testing/fake-clock.ts';

/** Stands for a secret of the plan. */
export const SECRET = 'hunter2hunter2';

export const OK: Outcome = { ok: true, errorKind: '', message: '', status: 200, bytesSent: 10, bytesReceived: 20 };
export const ABORTED: Outcome = { ...OK, ok: false, errorKind: 'aborted', message: 'cut off', status: 0 };

/** One call of a session, as the driver saw it. */
export interface Call {
  readonly user: number;
  readonly operation: string;
  readonly atUs: number;
  /** A number from the user's data stream. */
  readonly value: number;
}

/** A driver whose operations take as long as the test says, on the fake clock. */
export class ScriptedDriver {
  readonly calls: Call[] = [];
  connected = 0;
  connects = 0;
  mostConnected = 0;
  closed = false;
  /** Number of operations after which a user has nothing more to send. */
  operationsPerUser = Number.POSITIVE_INFINITY;
  readonly plugin: DriverPlugin;

  /** @param latencyUs how long an operation that begins at this time takes; undefined: until it is aborted; -1: for ever */
  constructor(clock: FakeClock, latencyUs: (atUs: number) => number | undefined) {
    this.plugin = defineDriver({
      name: 'scripted',
      description: '',
      options: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
      operations: () => [
        { name: 'a', type: 'TEST' },
        { name: 'b', type: 'TEST' },
      ],
      open: () => ({
        connect: (user) => {
          this.connects++;
          this.mostConnected = Math.max(this.mostConnected, ++this.connected);
          let left = this.operationsPerUser;
          return {
            get finished() {
              return left === 0;
            },
            send: (operation, signal) => {
              const atUs = clock.nowUs();
              left--;
              this.calls.push({ user: user.index, operation, atUs, value: user.random.next() });
              const takesUs = latencyUs(atUs);
              return new Promise<Outcome>((resolve) => {
                if (takesUs === undefined) signal.addEventListener('abort', () => resolve(ABORTED));
                else if (takesUs >= 0) clock.after(takesUs, () => resolve(OK));
              });
            },
            close: () => {
              this.connected--;
            },
          };
        },
        close: () => {
          this.closed = true;
        },
      }),
    });
  }
}

export interface AgentRun {
  readonly engine: Engine;
  readonly windows: readonly Window[];
  readonly warnings: readonly string[];
  readonly failures: readonly unknown[];
  /** Resolves with the microseconds from second 0 until no more operations began. */
  readonly ended: Promise<number>;
}

/** Prepares one agent's engine and starts it at once; second 0 is now, unless `startUs` is given. */
export async function startEngine(
  clock: FakeClock,
  plugin: DriverPlugin,
  input: Omit<PlanInput, 'name'>,
  share: Share = equalShare(0, 1),
  beforeStart: (engine: Engine) => void = () => {},
  startUs?: number,
): Promise<AgentRun> {
  const run = await prepareEngine(clock, plugin, input, share);
  const { engine } = run;
  beforeStart(engine);
  const ended = engine.run(startUs ?? clock.nowUs()).then(async (loadUs) => {
    await engine.close();
    return loadUs;
  });
  return { ...run, ended };
}

/** Prepares one agent's engine; when that fails, closes it as an agent does. @param emitted called with each window */
export async function prepareEngine(
  clock: FakeClock,
  plugin: DriverPlugin,
  input: Omit<PlanInput, 'name'>,
  share: Share = equalShare(0, 1),
  emitted: (window: Window, engine: Engine) => void = () => {},
): Promise<Omit<AgentRun, 'ended'>> {
  const plan = await resolvePlan(parsePlan({ name: 'test', ...input }), async () => plugin);
  const windows: Window[] = [];
  const warnings: string[] = [];
  const failures: unknown[] = [];
  const engine = new Engine({
    runId: 'run',
    plan,
    share,
    baseDirectory: '.',
    clock,
    host: () => IDLE_HOST,
    emit: (window) => {
      windows.push(window);
      emitted(window, engine);
    },
    hide: (text) => text.replaceAll(SECRET, '{SECRET}'),
    warn: (text) => warnings.push(text),
    log: (text) => warnings.push(text),
    failed: (error) => failures.push(error),
  });
  try {
    await engine.prepare();
  } catch (error) {
    await engine.close();
    throw error;
  }
  return { engine, windows, warnings, failures };
}

/** What several rows say together. */
export interface MergedRow {
  readonly count: number;
  readonly errors: number;
  readonly responseTime: Histogram;
  readonly serviceTime: Histogram;
  readonly sendDelay: Histogram;
  /** How often each kind of error came. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly examples: readonly string[];
}

export function merged(rows: readonly RowFigures[]): MergedRow {
  const responseTime = new Histogram();
  const serviceTime = new Histogram();
  const sendDelay = new Histogram();
  const kinds: Record<string, number> = {};
  const examples: string[] = [];
  let errors = 0;
  for (const row of rows) {
    responseTime.addEncoded(row.responseTime);
    serviceTime.addEncoded(row.serviceTime);
    sendDelay.addEncoded(row.sendDelay);
    errors += row.errors;
    for (const { kind, count, example } of row.errorKinds) {
      kinds[kind] = (kinds[kind] ?? 0) + count;
      examples.push(example);
    }
  }
  return { count: responseTime.count, errors, responseTime, serviceTime, sendDelay, kinds, examples };
}

/** All windows of all agents merged, for one phase. */
export function totals(runs: readonly Pick<AgentRun, 'windows'>[], phase: Phase = 'measure') {
  const windows = runs.flatMap((run) => run.windows);
  const operations = windows.flatMap((window) => window.operations).filter((row) => row.phase === phase);
  const { count: requests, errors, responseTime, serviceTime, sendDelay } = merged(operations);
  const scenarios = windows.flatMap((window) => window.scenarios);
  const dropped = scenarios.reduce((sum, { droppedArrivals }) => sum + droppedArrivals, 0);
  const byOperation = new Map<number, number>();
  for (const { operation, responseTime } of operations) {
    const before = byOperation.get(operation) ?? 0;
    byOperation.set(operation, before + responseTime.counts.reduce((sum, n) => sum + n, 0));
  }
  return { requests, responseTime, serviceTime, sendDelay, errors, dropped, byOperation };
}
