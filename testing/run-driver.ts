import process from 'node:process';
import type { DriverPlugin, Outcome, StepContext } from '../core/plugin.ts';
import type { Reconciliation } from '../core/stats/result.ts';
import { checkedOptions } from './checked-options.ts';
import { type FakeContext, fakeContext } from './fake-context.ts';
import { fakeUser } from './fake-user.ts';

export interface RunDriverOptions {
  /** As a plan writes them under `options`; none without it. */
  readonly options?: unknown;
  /** A URL; empty without it. */
  readonly target?: string;
  /** The folder that paths in options start in; the one that this process works in, without it. */
  readonly baseDirectory?: string;
  /** How many virtual users there are at the same time; 1 without it. */
  readonly users?: number;
  /** How often each of them sends each of the operations; once without it. */
  readonly passes?: number;
  /** The operations, in this order; all that the driver has, without it. */
  readonly operations?: readonly string[];
  /** The seed of the users' random values: the same seed gives the same requests. 1 without it. */
  readonly seed?: number;
}

/** What a driver did. */
export interface DriverRun {
  /** What became of each operation, by its name, in the order in which they ended. */
  readonly outcomes: ReadonlyMap<string, readonly Outcome[]>;
  /** What the driver measured, counted and warned of. */
  readonly context: FakeContext;
  /** What its `verify` found; undefined for a driver that has none. */
  readonly reconciliation: Reconciliation | undefined;
  /** What its `prepare`, `verify` and `cleanup` told the person who runs the plan. */
  readonly progress: readonly string[];
}

/**
 * Does with a driver what a run does, in this process and without load: `prepare`, `open`, users that are connected, send
 * and are closed, `verify`, and `cleanup`, the last also when something before it fails.
 * @throws whatever the driver throws; an Error that says so when the options are refused
 */
export async function runDriver<Options>(
  plugin: DriverPlugin<Options>,
  {
    options: given = {},
    target = '',
    baseDirectory = process.cwd(),
    users = 1,
    passes = 1,
    operations,
    seed = 1,
  }: RunDriverOptions = {},
): Promise<DriverRun> {
  const options = await checkedOptions(plugin, given);
  const names = operations ?? plugin.operations(options).map(({ name }) => name);
  const context = fakeContext({ target, baseDirectory });
  const outcomes = new Map<string, Outcome[]>(names.map((name) => [name, []]));
  const progress: string[] = [];
  const { signal } = new AbortController();
  const step: StepContext = {
    ...{ runId: context.runId, target, baseDirectory, signal },
    progress: (message) => progress.push(message),
  };
  try {
    await plugin.prepare?.(options, step);
    const driver = await plugin.open(options, context);
    const user = async (index: number) => {
      const session = await driver.connect(fakeUser({ index, seed }), signal);
      for (let pass = 0; pass < passes && session.finished !== true; pass++) {
        for (const name of names) outcomes.get(name)?.push(await session.send(name, signal));
      }
      await session.close();
    };
    try {
      await Promise.all(Array.from({ length: users }, (_, index) => user(index)));
    } finally {
      await driver.close();
    }
    const reconciliation = await plugin.verify?.(options, {
      ...step,
      writes: context.tallies,
      operations: new Set(names),
    });
    return { outcomes, context, reconciliation, progress };
  } finally {
    await plugin.cleanup?.(options, step);
  }
}
