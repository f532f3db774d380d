import type { Ratio, Timing } from '../../../core/driver-figures.ts';
import type { FlowPause } from '../../../core/plan/flow.ts';
import type { RandomStream } from '../../../core/plan/random.ts';
import { PluginError } from '../../../core/plugin.ts';
import type { Http } from '../../../core/script/http.ts';
import type { DataSource } from '../../../core/script/script-source.ts';
import type { PauseLength, User, UserData, UserPause, UserRandom } from '../../../core/script/user.ts';
import { parseDurationUs } from '../../../core/text/duration.ts';
import { nearest } from '../../../core/text/nearest.ts';
import { outcomeOfPass } from './failure.ts';
import { drawPauseUs } from './pause.ts';
import { userData } from './script-data.ts';
import type { ScriptDriver } from './script-driver.ts';
import { failureOfThrown, PassFailure } from './script-failure.ts';
import type { ScriptPass } from './script-pass.ts';
import { nameOf } from './script-requests.ts';
import type { ScriptSetup } from './script-setup.ts';
import type { UserContext } from './user-context.ts';

/** What a script is given for its virtual user. Its methods are functions of their own, so that a script may take them from it. */
export class ScriptUser implements User {
  readonly vars: Record<string, unknown> = {};
  readonly params: User['params'];
  readonly data: Readonly<Record<string, UserData>>;
  readonly random: UserRandom;
  readonly index: number;
  readonly signal: AbortSignal;
  readonly log: (text: string) => void;
  iteration = 0;
  /** When the pass under way was due. */
  passDueUs = 0;
  readonly #pass: ScriptPass;
  readonly #setup: ScriptSetup;
  readonly #context: UserContext;
  readonly #stream: RandomStream;
  readonly #drivers: ReadonlyMap<string, ScriptDriver>;

  constructor(
    index: number,
    pass: ScriptPass,
    setup: ScriptSetup,
    context: UserContext,
    stream: RandomStream,
    drivers: ReadonlyMap<string, ScriptDriver>,
    asked: (source: DataSource) => void,
  ) {
    this.index = index;
    this.#pass = pass;
    this.#setup = setup;
    this.#context = context;
    this.#stream = stream;
    this.#drivers = drivers;
    this.signal = context.cut;
    this.params = setup.params;
    this.log = setup.log;
    this.random = userRandom(stream);
    this.data = userData(setup.data, index, stream, (owed) => pass.delayedBy(owed), asked);
  }

  get http(): Http {
    return this.driver('http').http;
  }

  readonly pause = async (pause: UserPause): Promise<void> => {
    await this.#pass.pause(drawPauseUs(pauseOf(pause), this.#stream));
  };

  readonly measure = async <Result>(name: string, span: () => Result | Promise<Result>): Promise<Result> => {
    const { clock, recorder } = this.#context;
    const startUs = clock.nowUs();
    const row = this.#measureRow(name);
    const end = (error?: { readonly thrown: unknown }) => {
      if (this.#pass.isAbandoned) return;
      const failure = error && failureOfThrown(error.thrown, this.#setup.file);
      const nowUs = clock.nowUs();
      recorder.record(row, startUs, startUs, nowUs, outcomeOfPass(failure));
      this.#pass.ended(nowUs, error === undefined);
    };
    try {
      const result = await span();
      end();
      await this.#pass.wait();
      return result;
    } catch (thrown) {
      end({ thrown });
      throw thrown;
    }
  };

  readonly check = (name: string, holds: boolean): boolean => {
    if (this.#pass.isAbandoned) return holds;
    const { checks, scenario } = this.#setup;
    const { recorder } = this.#context;
    let check = checks.get(name);
    if (check === undefined) {
      const kept = nameOf(name);
      check = recorder.scriptCheck({ scenario, name: kept });
      if (name === kept && !recorder.isOtherCheck(check)) checks.set(name, check);
    }
    recorder.countCheck(check, this.passDueUs, Boolean(holds));
    return holds;
  };

  readonly timing = (name: string): Timing => this.#context.recorder.timing(name);

  readonly ratio = (name: string): Ratio => this.#context.recorder.ratio(name);

  readonly fail = (reason: string): never => {
    throw new PassFailure(String(reason), String(reason));
  };

  readonly driver = (name: string): ScriptDriver => {
    const found = this.#drivers.get(name);
    if (found !== undefined) return found;
    const known = [...this.#drivers.keys()];
    const guess = nearest(name, known);
    const hint = guess === undefined ? `add it to drivers in defineUser` : `did you mean "${guess}"?`;
    throw new PluginError(`driver("${name}"): the script does not use such a driver; ${hint}`);
  };

  #measureRow(name: string): number {
    const { measures, scenario } = this.#setup;
    const { recorder } = this.#context;
    let row = measures.get(name);
    if (row === undefined) {
      const kept = nameOf(name);
      row = recorder.scriptRow({ scenario, kind: 'measure', driver: '', type: '', name: kept, tags: {} });
      if (name === kept && !recorder.isOtherRow(row)) measures.set(name, row);
    }
    return row;
  }
}

function userRandom(stream: RandomStream): UserRandom {
  return {
    next: () => stream.next(),
    int(least, most) {
      const from = Math.ceil(least);
      const count = Math.floor(most) - from + 1;
      if (!(count > 0)) throw new RangeError(`random.int(${least}, ${most}): there is no whole number between them`);
      return from + Math.floor(stream.next() * count);
    },
    pick(items) {
      if (items.length === 0) throw new RangeError('random.pick: there is nothing to pick from');
      return items[stream.integer(items.length)] as (typeof items)[number];
    },
  };
}

/** @throws {PluginError} when it is no pause */
function pauseOf(pause: UserPause): FlowPause {
  if (typeof pause !== 'object') return lengthUs(pause, pause);
  if ('uniform' in pause) return { uniform: [lengthUs(pause.uniform[0], pause), lengthUs(pause.uniform[1], pause)] };
  return { exponential: lengthUs(pause.exponential, pause) };
}

function lengthUs(length: PauseLength, given: UserPause): number {
  const us = typeof length === 'number' ? Math.round(length * 1e3) : parseDurationUs(String(length));
  if (us !== undefined && us >= 0) return us;
  throw new PluginError(
    `pause(${JSON.stringify(given)}): a pause is a number of milliseconds, or a duration with a unit such as '200ms'`,
  );
}
