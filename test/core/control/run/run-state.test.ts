import t from 'tap';
import { isEnded, type RunState, type RunStep, reasonOf, step } from '../../../../core/control/run/run-state.ts';

const ALL: readonly RunState[] = [
  { kind: 'queued' },
  { kind: 'waiting', expected: 2 },
  { kind: 'preparing', agents: 2 },
  { kind: 'running', startUs: 5 },
  { kind: 'draining', startUs: 5, reason: '' },
  { kind: 'verifying' },
  { kind: 'finished', verdict: 'pass', reason: '', leftBehind: false },
  { kind: 'failed', reason: 'why', leftBehind: true },
  { kind: 'prepared' },
];

const STEPS: readonly [RunStep, readonly RunState['kind'][]][] = [
  [{ kind: 'wait', expected: 2 }, ['queued']],
  [{ kind: 'prepare', agents: 2 }, ['waiting']],
  [{ kind: 'prepare', agents: 0 }, ['queued', 'waiting']],
  [{ kind: 'keep' }, ['preparing']],
  [{ kind: 'start', startUs: 5 }, ['preparing']],
  [{ kind: 'drain', reason: 'Ctrl-C' }, ['running', 'draining']],
  [{ kind: 'verify' }, ['running', 'draining']],
  [{ kind: 'finish', verdict: 'fail', reason: 'r', leftBehind: false }, ['verifying']],
  [
    { kind: 'fail', reason: 'why', leftBehind: false },
    ['queued', 'waiting', 'preparing', 'running', 'draining', 'verifying'],
  ],
];

t.test('each step is possible in its states and in no other', (t) => {
  for (const [taken, possible] of STEPS) {
    for (const state of ALL) {
      if (possible.includes(state.kind)) t.not(step(state, taken), undefined);
      else t.throws(() => step(state, taken), { message: `a run that is ${state.kind} cannot ${taken.kind}` });
    }
  }
  t.end();
});

t.test('a run that drains as planned can still be stopped; the first reason stays', (t) => {
  const planned = step({ kind: 'running', startUs: 5 }, { kind: 'drain', reason: '' });
  t.equal(step(planned, { kind: 'drain', reason: '' }), planned, 'nothing to store or to tell');
  const stopped = step(planned, { kind: 'drain', reason: 'Ctrl-C' });
  t.same(stopped, { kind: 'draining', startUs: 5, reason: 'Ctrl-C' });
  t.equal(step(stopped, { kind: 'drain', reason: 'another' }), stopped);
  t.equal(reasonOf(stopped), 'Ctrl-C');
  t.same(
    ALL.filter(isEnded).map(({ kind }) => kind),
    ['finished', 'failed', 'prepared'],
  );
  t.end();
});
