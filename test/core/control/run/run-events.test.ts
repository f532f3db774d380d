import t from 'tap';
import { RunEvents, type WatchMessage } from '../../../../core/control/run/run-events.ts';
import { BenchError } from '../../../../core/error.ts';
import type { Log } from '../../../../core/log.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { sceneClock } from '../scene/scene-clock.ts';

/** The events of a run that waits for its turn. */
function newEvents(): RunEvents {
  const listener = { recorded: () => {}, changed: () => {} };
  return new RunEvents('r1', sceneClock(), () => {}, listener);
}

/** The events of a run that prepares its agents. */
function preparing(): RunEvents {
  const events = newEvents();
  events.take({ kind: 'wait', expected: 1 });
  events.take({ kind: 'prepare', agents: 1 });
  return events;
}

function textOf({ event }: WatchMessage): string {
  if (event?.case === 'state') return event.value.state === RunState.RUNNING ? 'running' : 'another state';
  return event?.case === 'notice' ? (event.value ?? '') : (event?.case ?? '');
}

async function first(events: RunEvents, count: number): Promise<string[]> {
  const seen: string[] = [];
  for await (const message of events.watch(new AbortController().signal)) {
    seen.push(textOf(message));
    if (seen.length === count) break;
  }
  return seen;
}

t.test('events are in order of time, whenever they were recorded', async (t) => {
  const events = newEvents();
  events.recover([{ atUs: 7.19e6, text: 'before the restart' }], 1e6);
  events.record('late', 7.69e6);
  events.record('beside it', 7.69e6);
  events.record('last', 9e6);
  t.strictSame(events.list(1e6), [
    { atUs: 6.69e6, text: 'late' },
    { atUs: 6.69e6, text: 'beside it' },
    { atUs: 7.19e6, text: 'before the restart' },
    { atUs: 8e6, text: 'last' },
  ]);
});

t.test('what an agent says again is recorded once, also by the control after this one', async (t) => {
  const events = newEvents();
  events.recover([{ atUs: 1e6, text: 'agent a warns: x' }], 0);
  for (const text of ['agent a warns: x', 'agent a warns: y', 'agent a warns: y']) events.recordOnce(text);
  t.same(
    events
      .list(0)
      .map(({ text }) => text)
      .toSorted(),
    ['agent a warns: x', 'agent a warns: y'],
  );
});

t.test('of events without end, a result lists the first and the last', async (t) => {
  const events = newEvents();
  for (let i = 0; i < 10_000; i++) events.record(`agent b was lost: ${i}`, i);
  events.record('the run stops', 10_000);
  const texts = events.list(0).map(({ text }) => text);
  t.equal(texts.length, 2000);
  t.equal(texts[0], 'agent b was lost: 0');
  t.strictSame(texts.slice(-2), ['agent b was lost: 9999', 'the run stops']);
  t.equal(
    texts.filter((text) => text === 'more happened than a result lists: the log of control has it all').length,
    1,
  );
});

t.test('a watcher that comes late is told of the state where it came among the notices', async (t) => {
  const events = preparing();
  events.notify('making ready');
  events.take({ kind: 'start', startUs: 0 });
  events.notify('agent a was lost');
  t.same(await first(events, 3), ['making ready', 'running', 'agent a was lost']);
  for (let i = 0; i < 99; i++) events.notify(`${i}`);
  t.same(await first(events, 3), ['running', 'agent a was lost', '0'], 'also when the oldest notices are dropped');
});

t.test('a snapshot from before the watcher is news while others watch, and not after', async (t) => {
  const events = preparing();
  events.take({ kind: 'start', startUs: 0 });
  const other = events.watch(new AbortController().signal);
  await other.next();
  events.show({ elapsedUs: 1e6 });
  t.same(await first(events, 2), ['running', 'snapshot']);
  await other.return();
  const late = events.watch(new AbortController().signal);
  t.equal(textOf((await late.next()).value as WatchMessage), 'running');
  events.notify('a minute later');
  t.equal(textOf((await late.next()).value as WatchMessage), 'a minute later');
  await late.return();
});

t.test('the log gets the stack of a failure that nobody foresaw, and of no other', async (t) => {
  const logged: unknown[] = [];
  const log: Log = (line, fields) => logged.push([line, fields?.stack?.split('\n')[0]]);
  const events = new RunEvents('r1', sceneClock(), log, { recorded: () => {}, changed: () => {} });
  events.logUnexpected(new BenchError('agent_lost', 'agent a was lost', { cause: new TypeError('of no interest') }));
  events.logUnexpected(new TypeError('x is not a function'));
  t.same(logged, [['run r1: unexpected error: x is not a function', 'TypeError: x is not a function']]);
});
