import assert from 'node:assert/strict';
import type { Driver, DriverPlugin, Outcome, Session } from '../core/plugin.ts';
import { checkedOptions } from './checked-options.ts';
import { fakeContext } from './fake-context.ts';
import { fakeUser } from './fake-user.ts';

/** `test` of node:test, vitest or bun:test; of tap, `(name, body) => t.test(name, body)`. */
export type TestFunction = (name: string, body: () => Promise<void>) => unknown;

/** A server that a test starts and stops. */
export interface TestTarget {
  readonly url: string;
  /** What it was asked so far, in the order of arrival, as text that tells one request from another. */
  received(): readonly string[];
  stop(): Promise<void>;
}

export interface DriverCase<Options> {
  readonly plugin: DriverPlugin<Options>;
  /** As a plan writes them. */
  readonly options: unknown;
  /** Values by option. Each must be refused, with a sentence. */
  readonly badOptions: Readonly<Record<string, unknown>>;
  /** The folder that paths in options start in. */
  readonly baseDirectory?: string;
  /** Starts a target that answers well. A driver that needs none has none. */
  readonly target?: () => Promise<TestTarget>;
  /** Starts a target that takes requests and never answers. */
  readonly silentTarget?: () => Promise<TestTarget>;
}

const SEED = 7;
const KIND = /^[a-z][a-z0-9_]*$/;

/**
 * Tests what every driver must do, whatever it speaks: that it says what it is, refuses bad options, carries out operations
 * of several users at once, ends what is cut off, and fails with outcomes instead of exceptions when its target goes away.
 * @returns when all tests have ended, for test functions that return promises
 */
export async function testDriver<Options>(test: TestFunction, given: DriverCase<Options>): Promise<void> {
  const tests: [name: string, body: (kit: Kit<Options>) => Promise<void>, isWanted: boolean][] = [
    ['says what it is', saysWhatItIs, true],
    ['refuses bad options with a sentence', refusesBadOptions, true],
    ['life of a session', lifeOfSession, true],
    ['an aborted signal', abortedBefore, true],
    ['a target that is not there', targetAway, given.target !== undefined],
    ['a target that goes away', targetGoes, given.target !== undefined],
    ['the same seed gives the same requests', sameSeed, given.target !== undefined],
    ['cut off in flight', cutOff, given.silentTarget !== undefined],
    ['closed in flight', closedInFlight, given.silentTarget !== undefined],
  ];
  const wanted = tests.filter(([, , isWanted]) => isWanted);
  await Promise.all(wanted.map(([name, body]) => test(`${given.plugin.name}: ${name}`, () => withKit(given, body))));
}

interface Kit<Options> {
  readonly given: DriverCase<Options>;
  readonly options: Options;
  readonly names: readonly string[];
}

/** A target or a driver that a test which fails has left running would keep the whole test process from ending. */
async function withKit<O>(given: DriverCase<O>, body: (kit: Kit<O>) => Promise<void>): Promise<void> {
  const left = new Set<() => unknown>();
  const startOf = (start: () => Promise<TestTarget>) => async () => {
    const target = await start();
    return { ...target, stop: releasedOnce(left, () => target.stop()) };
  };
  const plugin: DriverPlugin<O> = {
    ...given.plugin,
    async open(options, context) {
      const driver = await given.plugin.open(options, context);
      const close = releasedOnce(left, async () => driver.close());
      return { connect: (user, signal) => driver.connect(user, signal), close };
    },
  };
  const options = await checkedOptions(given.plugin, given.options);
  const tracked: DriverCase<O> = {
    ...given,
    plugin,
    ...(given.target && { target: startOf(given.target) }),
    ...(given.silentTarget && { silentTarget: startOf(given.silentTarget) }),
  };
  try {
    await body({ given: tracked, options, names: plugin.operations(options).map(({ name }) => name) });
  } finally {
    for (const release of left) await release();
  }
}

/** Releases something when it is called, and leaves it to nobody else then. */
function releasedOnce(left: Set<() => unknown>, release: () => Promise<void>): () => Promise<void> {
  const once = () => {
    left.delete(once);
    return release();
  };
  left.add(once);
  return once;
}

async function saysWhatItIs<O>({ given: { plugin }, options, names }: Kit<O>): Promise<void> {
  assert.match(plugin.name, /^[a-z][\w.-]*$/);
  assert.ok(plugin.description.length > 10, 'has a description');
  assert.ok(names.length > 0, 'has an operation');
  assert.equal(new Set(names).size, names.length, 'each operation has its own name');
  for (const { type } of plugin.operations(options)) assert.match(type, /\S/, 'an operation has a type');
}

async function refusesBadOptions<O>({ given }: Kit<O>): Promise<void> {
  for (const [option, value] of Object.entries({ noSuchOption: 1, ...given.badOptions })) {
    const base = given.options as Record<string, unknown>;
    const { issues } = await given.plugin.options['~standard'].validate({ ...base, [option]: value });
    assert.ok(issues && issues.length > 0, `${option}: ${JSON.stringify(value)} is refused`);
    for (const { message } of issues) assert.match(message, /\w+ \w+/, `${option} is refused with a sentence`);
  }
}

async function lifeOfSession<O>({ given, options, names }: Kit<O>): Promise<void> {
  const target = await given.target?.();
  const driver = await open(given, options, target?.url ?? '');
  const { signal } = new AbortController();
  const sessions = [await connect(driver, 0, signal), await connect(driver, 1, signal)];
  // Two users at once, each with several operations after another.
  await Promise.all(
    sessions.map(async (session) => {
      for (const name of [...names, ...names, ...names]) {
        const outcome = await session.send(name, signal);
        assertOutcome(outcome);
        assert.ok(outcome.ok, `${name} succeeds, and does not end with ${outcome.errorKind}: ${outcome.message}`);
      }
    }),
  );
  for (const session of sessions) {
    await session.close();
    // It may be closed twice.
    await session.close();
  }
  await driver.close();
  await target?.stop();
}

async function abortedBefore<O>({ given, options, names }: Kit<O>): Promise<void> {
  const target = await given.target?.();
  const driver = await open(given, options, target?.url ?? '');
  const session = await connect(driver, 0, AbortSignal.abort());
  if (target) {
    const outcome = await session.send(names[0] as string, AbortSignal.abort());
    assertCutOff(outcome);
    const next = await session.send(names[0] as string, new AbortController().signal);
    assert.ok(next.ok, `the session can be used again, and does not end with ${next.errorKind}: ${next.message}`);
  }
  await session.close();
  await driver.close();
  await target?.stop();
}

const AWAY = 'open must throw a PluginError when the target is not there, so that the run is told so before its load';

function assertCutOff({ ok, errorKind }: Outcome): void {
  const rule = "send whose signal is aborted must return soon, with { ok: false, errorKind: 'aborted' }";
  assert.deepEqual([ok, errorKind], [false, 'aborted'], `${rule}, not { ok: ${ok}, errorKind: '${errorKind}' }`);
}

async function targetAway<O>({ given, options }: Kit<O>): Promise<void> {
  const target = (await given.target?.()) as TestTarget;
  await target.stop();
  await assert.rejects(open(given, options, target.url), { name: 'PluginError' }, AWAY);
}

async function targetGoes<O>({ given, options, names }: Kit<O>): Promise<void> {
  const target = (await given.target?.()) as TestTarget;
  const driver = await open(given, options, target.url);
  const { signal } = new AbortController();
  const session = await connect(driver, 0, signal);
  await target.stop();
  const late = await connect(driver, 1, signal);
  for (const name of names) {
    for (const asked of [session, late]) {
      const outcome = await asked.send(name, signal);
      assertOutcome(outcome);
      assert.equal(outcome.ok, false, 'a failed operation is an outcome');
    }
  }
  await session.close();
  await late.close();
  await driver.close();
}

async function sameSeed<O>({ given, options, names }: Kit<O>): Promise<void> {
  const target = (await given.target?.()) as TestTarget;
  const tells = typeof target.received === 'function';
  assert.ok(
    tells,
    'the target of the test must have received(), which returns what it was asked: two rounds are compared',
  );
  const rounds: (readonly string[])[] = [];
  for (let round = 0; round < 2; round++) {
    const driver = await open(given, options, target.url);
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
  assert.equal(rounds[0]?.length, names.length * 4, 'one request for each operation');
  assert.deepEqual(rounds[0], rounds[1]);
  await target.stop();
}

async function cutOff<O>({ given, options, names }: Kit<O>): Promise<void> {
  const target = (await given.silentTarget?.()) as TestTarget;
  const driver = await open(given, options, target.url);
  const cut = new AbortController();
  const session = await connect(driver, 0, cut.signal);
  const sent = session.send(names[0] as string, cut.signal);
  cut.abort();
  const outcome = await sent;
  assertOutcome(outcome);
  assertCutOff(outcome);
  await session.close();
  await driver.close();
  await target.stop();
}

async function closedInFlight<O>({ given, options, names }: Kit<O>): Promise<void> {
  const target = (await given.silentTarget?.()) as TestTarget;
  const driver = await open(given, options, target.url);
  const { signal } = new AbortController();
  const session = await connect(driver, 0, signal);
  const sent = session.send(names[0] as string, signal);
  await session.close();
  assert.equal((await sent).ok, false, 'the operation ends');
  await driver.close();
  await target.stop();
}

async function open<O>({ plugin, baseDirectory }: DriverCase<O>, options: O, target: string): Promise<Driver> {
  return plugin.open(options, fakeContext({ target, ...(baseDirectory === undefined ? {} : { baseDirectory }) }));
}

async function connect(driver: Driver, index: number, signal: AbortSignal): Promise<Session> {
  return driver.connect(fakeUser({ index, seed: SEED }), signal);
}

function assertOutcome({ ok, errorKind, message, status, bytesSent, bytesReceived }: Outcome): void {
  assert.equal(errorKind === '', ok, 'an error has a kind, and only an error');
  assert.equal(message === '', ok, 'an error has a message, and only an error');
  if (!ok) assert.match(errorKind, KIND);
  for (const value of [status, bytesSent, bytesReceived]) {
    assert.ok(Number.isSafeInteger(value) && value >= 0, 'status and bytes are whole numbers');
  }
}
