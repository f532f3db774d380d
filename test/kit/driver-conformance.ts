import type { Test } from 'tap';
import { type Driver, type DriverPlugin, type Outcome, PluginError, type Session } from '../../core/plugin.ts';
import { type RecordingContext, recordingContext } from './driver-context.ts';
import { userContext } from './user-context.ts';

/** A target that the kit starts and stops. */
export interface ConformanceTarget {
  readonly url: string;
  /** What it was asked so far, in the order of arrival, as text that tells one request from another. */
  received(): readonly string[];
  stop(): Promise<void>;
}

export interface ConformanceCase<Options> {
  readonly plugin: DriverPlugin<Options>;
  /** As in a plan. */
  readonly options: unknown;
  /** Each must be refused, for the option named. */
  readonly badOptions: Readonly<Record<string, unknown>>;
  readonly baseDirectory?: string;
  /** A target that answers well. A driver that needs none has none. */
  readonly target?: () => Promise<ConformanceTarget>;
  /** A target that takes requests and never answers. */
  readonly silentTarget?: () => Promise<ConformanceTarget>;
}

const SEED = 7;
const KIND = /^[a-z][a-z0-9_]*$/;

/** What every driver must do, whatever it speaks: the contract of core/plugin.ts, checked. */
export async function testDriver<Options>(t: Test, given: ConformanceCase<Options>): Promise<void> {
  const { plugin } = given;
  const checked = await plugin.options['~standard'].validate(given.options);
  if (checked.issues) throw new Error(`the options are refused: ${JSON.stringify(checked.issues)}`);
  const options = checked.value;
  const names = plugin.operations(options).map(({ name }) => name);
  const kit = { t, given, options, names };

  t.test('says what it is', async (t) => {
    t.match(plugin.name, /^[a-z][\w.-]*$/);
    t.ok(plugin.description.length > 10);
    t.ok(names.length > 0, 'has an operation');
    t.equal(new Set(names).size, names.length, 'each operation has its own name');
    for (const { type } of plugin.operations(options)) t.match(type, /\S/, 'an operation has a type');
  });

  t.test('refuses bad options with a sentence', async (t) => {
    for (const [option, value] of Object.entries({ noSuchOption: 1, ...given.badOptions })) {
      const base = given.options as Record<string, unknown>;
      const { issues } = await plugin.options['~standard'].validate({ ...base, [option]: value });
      t.ok(issues && issues.length > 0, `${option}: ${JSON.stringify(value)}`);
      for (const { message } of issues ?? []) t.match(message, /\w+ \w+/);
    }
  });

  await t.test('life of a session', (t) => lifeOfSession({ ...kit, t }));
  await t.test('an aborted signal', (t) => abortedBefore({ ...kit, t }));
  if (given.target) {
    await t.test('a target that is not there', (t) => targetAway({ ...kit, t }));
    await t.test('a target that goes away', (t) => targetGoes({ ...kit, t }));
    await t.test('the same seed gives the same requests', (t) => sameSeed({ ...kit, t }));
  }
  if (given.silentTarget) {
    await t.test('cut off in flight', (t) => cutOff({ ...kit, t }));
    await t.test('closed in flight', (t) => closedInFlight({ ...kit, t }));
  }
}

interface Kit<Options> {
  readonly t: Test;
  readonly given: ConformanceCase<Options>;
  readonly options: Options;
  readonly names: readonly string[];
}

async function lifeOfSession<O>({ t, given, options, names }: Kit<O>): Promise<void> {
  const target = await given.target?.();
  const { driver } = await open(given, options, target?.url ?? '');
  const { signal } = new AbortController();
  const sessions = [await connect(driver, 0, signal), await connect(driver, 1, signal)];
  // Two users at once, each with several operations after another.
  await Promise.all(
    sessions.map(async (session) => {
      for (const name of [...names, ...names, ...names]) {
        const outcome = await session.send(name, signal);
        assertOutcome(t, outcome);
        t.match(outcome, { ok: true, errorKind: '', message: '' }, name);
      }
    }),
  );
  for (const session of sessions) {
    await session.close();
    await session.close();
  }
  t.pass('close may be called twice');
  await driver.close();
  await target?.stop();
}

async function abortedBefore<O>({ t, given, options, names }: Kit<O>): Promise<void> {
  const target = await given.target?.();
  const { driver } = await open(given, options, target?.url ?? '');
  const session = await connect(driver, 0, AbortSignal.abort());
  if (target) {
    const outcome = await session.send(names[0] as string, AbortSignal.abort());
    t.match(outcome, { ok: false, errorKind: 'aborted' });
    const next = await session.send(names[0] as string, new AbortController().signal);
    t.match(next, { ok: true }, 'the session can be used again');
  }
  await session.close();
  await driver.close();
  await target?.stop();
}

async function targetAway<O>({ t, given, options }: Kit<O>): Promise<void> {
  const target = (await given.target?.()) as ConformanceTarget;
  await target.stop();
  await t.rejects(open(given, options, target.url), PluginError, 'said before the load starts, in a sentence');
}

async function targetGoes<O>({ t, given, options, names }: Kit<O>): Promise<void> {
  const target = (await given.target?.()) as ConformanceTarget;
  const { driver } = await open(given, options, target.url);
  const { signal } = new AbortController();
  const session = await connect(driver, 0, signal);
  await target.stop();
  const late = await connect(driver, 1, signal);
  for (const name of names) {
    for (const asked of [session, late]) {
      const outcome = await asked.send(name, signal);
      assertOutcome(t, outcome);
      t.equal(outcome.ok, false, 'a failed operation is an outcome');
    }
  }
  await session.close();
  await late.close();
  await driver.close();
}

async function sameSeed<O>({ t, given, options, names }: Kit<O>): Promise<void> {
  const target = (await given.target?.()) as ConformanceTarget;
  const rounds: (readonly string[])[] = [];
  for (let round = 0; round < 2; round++) {
    const { driver } = await open(given, options, target.url);
    // A look at the target when the driver is opened is no operation.
    const before = target.received().length;
    const { signal } = new AbortController();
    for (const index of [0, 5]) {
      const session = await connect(driver, index, signal);
      for (const name of [...names, ...names]) await session.send(name, signal);
      await session.close();
    }
    await driver.close();
    rounds.push(target.received().slice(before));
  }
  t.equal(rounds[0]?.length, names.length * 4, 'one request for each operation');
  t.strictSame(rounds[0], rounds[1]);
  await target.stop();
}

async function cutOff<O>({ t, given, options, names }: Kit<O>): Promise<void> {
  const target = (await given.silentTarget?.()) as ConformanceTarget;
  const { driver } = await open(given, options, target.url);
  const cut = new AbortController();
  const session = await connect(driver, 0, cut.signal);
  const sent = session.send(names[0] as string, cut.signal);
  cut.abort();
  const outcome = await sent;
  assertOutcome(t, outcome);
  t.match(outcome, { ok: false, errorKind: 'aborted' });
  await session.close();
  await driver.close();
  await target.stop();
}

async function closedInFlight<O>({ t, given, options, names }: Kit<O>): Promise<void> {
  const target = (await given.silentTarget?.()) as ConformanceTarget;
  const { driver } = await open(given, options, target.url);
  const { signal } = new AbortController();
  const session = await connect(driver, 0, signal);
  const sent = session.send(names[0] as string, signal);
  await session.close();
  t.match(await sent, { ok: false }, 'the operation ends');
  await driver.close();
  await target.stop();
}

async function open<O>(
  { plugin, baseDirectory }: ConformanceCase<O>,
  options: O,
  target: string,
): Promise<{ driver: Driver; context: RecordingContext }> {
  const context = recordingContext(target, baseDirectory);
  return { driver: await plugin.open(options, context), context };
}

async function connect(driver: Driver, index: number, signal: AbortSignal): Promise<Session> {
  return driver.connect(userContext(index, SEED), signal);
}

function assertOutcome(t: Test, outcome: Outcome): void {
  const { ok, errorKind, message, status, bytesSent, bytesReceived } = outcome;
  t.equal(errorKind === '', ok, 'an error has a kind, and only an error');
  t.equal(message === '', ok, 'an error has a message, and only an error');
  if (!ok) t.match(errorKind, KIND);
  t.ok(
    [status, bytesSent, bytesReceived].every((value) => Number.isSafeInteger(value) && value >= 0),
    'whole numbers',
  );
}
