import t from 'tap';
import { FailureSamples, shownMessage } from '../../../agents/engine/failure-samples.ts';
import type { PlanInput } from '../../../core/plan/schema.ts';
import { type DriverPlugin, defineDriver, type Outcome, type OutcomeDetail } from '../../../core/plugin.ts';
import {
  type FailureSample,
  MAX_AGENT_SAMPLES,
  MAX_SAMPLE_BODY,
  MAX_SAMPLE_TEXT,
} from '../../../core/stats/kept-sample.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';
import { OK, SECRET, startEngine } from '../../kit/engine.ts';
import { matchEach } from '../../kit/match-each.ts';

/** Every operation takes 100 ms and fails; its detail is given where it is wanted. */
function failingDriver(clock: FakeClock, detailOf: (n: number) => OutcomeDetail | undefined) {
  const asked: { readonly kind: string; readonly isWanted: boolean }[] = [];
  let n = 0;
  const plugin: DriverPlugin = defineDriver({
    name: 'failing',
    description: '',
    options: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
    operations: () => [
      { name: 'a', type: 'TEST' },
      { name: 'b', type: 'TEST' },
    ],
    open: () => ({
      connect: (user) => ({
        send: (operation) =>
          new Promise<Outcome>((resolve) => {
            clock.after(100_000, () => {
              const errorKind = `${operation}_failed`;
              const isWanted = user.wantsDetail(errorKind);
              asked.push({ kind: errorKind, isWanted });
              const detail = isWanted ? detailOf(++n) : undefined;
              resolve({ ...OK, ok: false, errorKind, message: `${operation} failed`, detail });
            });
          }),
        close: () => {},
      }),
      close: () => {},
    }),
  });
  return { plugin, asked };
}

const PLAN: Omit<PlanInput, 'name'> = {
  warmup: '1s',
  scenarios: {
    s: {
      executor: 'constant-vus',
      vus: 2,
      duration: '2s',
      operations: [
        { driver: 'failing', operation: 'a' },
        { driver: 'failing', operation: 'b' },
      ],
    },
  },
};

async function samplesOf(plan: Omit<PlanInput, 'name'>, detailOf: (n: number) => OutcomeDetail | undefined) {
  const clock = new FakeClock();
  const { plugin, asked } = failingDriver(clock, detailOf);
  const run = await startEngine(clock, plugin, plan);
  await clock.advance(4_000_000);
  await run.ended;
  const kinds = run.windows.flatMap(({ operations }) =>
    operations.flatMap(({ phase, errorKinds }) => errorKinds.map((kind) => ({ phase, ...kind }))),
  );
  const samples = (kind: string, phase: string): FailureSample[] =>
    kinds.filter((one) => one.kind === kind && one.phase === phase).flatMap((one) => one.samples ?? []);
  return { kinds, samples, asked };
}

t.test(
  'the first three failures of each row, phase and kind are kept in full, and no more are asked for',
  async (t) => {
    const { samples, asked } = await samplesOf(PLAN, (n) => ({
      sent: `GET /${n}`,
      received: 'HTTP/1.1 500\r\nA: b\r\n\r\nno',
    }));
    for (const kind of ['a_failed', 'b_failed']) {
      for (const phase of ['warmup', 'measure']) t.equal(samples(kind, phase).length, 3, `${kind}, ${phase}`);
    }
    const [first] = samples('a_failed', 'warmup');
    t.match(first, {
      durationUs: 100_000,
      message: 'a failed',
      sent: /^GET \/\d$/,
      received: 'HTTP/1.1 500\nA: b\n\nno',
    });
    t.ok((first?.atUs ?? 0) >= 100_000);
    t.ok(samples('a_failed', 'measure').every(({ atUs }) => atUs > 1_000_000));
    t.ok(asked.filter(({ isWanted }) => isWanted).length <= 16, `${asked.length} failures`);
    t.ok(asked.slice(-20).every(({ isWanted }) => !isWanted));
  },
);

t.test('of an operation that succeeds nobody wants to see more', async (t) => {
  const samples = new FailureSamples((text) => text);
  t.notOk(samples.wants(0, ''));
  t.notOk(samples.wants(undefined, ''));
  t.ok(samples.wants(undefined, 'timeout'));
});

t.test('samples: off keeps none, and asks for none', async (t) => {
  const { kinds, asked } = await samplesOf({ ...PLAN, samples: 'off' }, () => ({ sent: 'GET /' }));
  t.ok(kinds.length > 0);
  t.ok(kinds.every(({ samples }) => samples === undefined));
  t.ok(asked.every(({ isWanted }) => !isWanted));
});

t.test('a driver that says nothing more, or something that is no text, does no harm', async (t) => {
  t.strictSame((await samplesOf(PLAN, () => undefined)).samples('a_failed', 'measure'), []);
  const odd = { sent: 7, received: null } as unknown as OutcomeDetail;
  const none = { sent: '', received: '' };
  matchEach(t, (await samplesOf(PLAN, () => odd)).samples('a_failed', 'measure'), [none, none, none]);
});

t.test('secrets are masked before a text is cut', async (t) => {
  const hide = (text: string) => text.replaceAll(SECRET, '{SECRET}');
  const shown = shownMessage(
    `POST /?key=${SECRET} HTTP/1.1\r\nX-Note: ${SECRET}\r\nCookie: a=b\r\n\r\n${'x'.repeat(MAX_SAMPLE_BODY - 20)}${SECRET}`,
    hide,
    MAX_SAMPLE_BODY,
  );
  t.notMatch(shown, SECRET);
  t.notMatch(shown, 'hunter');
  t.match(shown, 'POST /?key={SECRET} HTTP/1.1\nX-Note: {SECRET}\nCookie: a=***\n\nxxx');
});

t.test('long texts are cut so that control takes them', async (t) => {
  for (const character of ['x', '😀', '\n', '\ud83d']) {
    const head = shownMessage(character.repeat(100_000), (text) => text, MAX_SAMPLE_BODY);
    const whole = shownMessage(`GET /\r\n\r\n${character.repeat(100_000)}`, (text) => text, MAX_SAMPLE_BODY);
    t.ok(head.length <= MAX_SAMPLE_TEXT && whole.length <= MAX_SAMPLE_TEXT);
    t.ok(whole.length > 100 || character === '\n');
  }
});

t.test('one agent keeps a bounded number, however many rows and kinds there are', async (t) => {
  const samples = new FailureSamples((text) => text);
  const failure = { ...OK, ok: false, message: 'm', detail: { sent: 'GET /' } };
  let kept = 0;
  for (let row = 0; row < 100; row++) {
    for (let kind = 0; kind < 100; kind++) {
      if (samples.take(row, { ...failure, errorKind: `kind_${kind}` }, 0, 0) !== undefined) kept++;
    }
  }
  t.equal(kept, MAX_AGENT_SAMPLES);
  t.notOk(samples.wants(5000, 'timeout'));
});
