/** Criteria that fail only because a part of the load was not offered: a pause, a lost agent, an early end. */
import t from 'tap';
import { conclude } from '../../../core/verdict/conclusion.ts';
import { uploadPlan } from '../../kit/results/documents.ts';
import { abort, evaluatorOf, judged, second, stretch, WARMUP } from '../../kit/results/judged.ts';
import { buildResult } from '../../kit/results/results.ts';

t.test('what is missing because somebody paused the load is not held against the target', async (t) => {
  const run = [WARMUP, stretch(4, 50), { seconds: 4, vus: 10, operations: {} }];
  const paused = { loadChanges: [{ kind: 'pause' as const, atUs: 6e6 }] };
  for (const criterion of ['rps >= 100', 'requests >= 800', 'rps >= 100 for 2s']) {
    t.match(judged(criterion, run, paused), { status: 'invalid', reason: /paused the load for [24]s/ }, criterion);
    t.match(judged(criterion, run), { status: 'fail' }, criterion);
  }
  t.match(judged('rps >= 200', run, paused), { status: 'fail' }, 'it was too slow before');
  t.match(judged('rps >= 500 for 2s', run, paused), { status: 'fail' });
  t.match(judged('upload p95 < 20ms', run, paused), { status: 'fail' });
  t.match(judged('rps <= 10', run, paused), { status: 'fail' });
  t.match(judged('rps >= 50', run, paused), { status: 'pass' });
  const result = buildResult({ plan: uploadPlan({}), stretches: run, ...paused });
  t.match(conclude(result, 'en')[0], /^Somebody paused the load for 4s of the 8s that were measured/);
});

t.test('what is missing because an agent was lost is not held against the target', async (t) => {
  const third = { upload: { perSecond: 67, ms: { 0: 50, 1: 50 } } };
  const run = [WARMUP, stretch(4, 50), { seconds: 2, vus: 10, operations: third }, stretch(2, 50)];
  const missing = [{ fromSecond: 6, toSecond: 8, share: 0.33 }];
  const lost = { agents: ['a'], agent: { missing } };
  for (const criterion of ['upload rps >= 95', 'upload requests >= 780', 'upload rps >= 95 for 2s']) {
    t.match(
      judged(criterion, run, lost),
      { status: 'invalid', reason: /, but .*% of the load was missing/ },
      criterion,
    );
    t.match(judged(criterion, run), { status: 'fail' }, criterion);
  }
  t.match(judged('upload rps >= 95 for 2s', run, lost), { reason: /^with 67\/s it failed, but 33% of the load/ });
  t.match(
    judged('upload rps >= 101 for 2s', run, lost),
    { status: 'fail', actual: 67 },
    'more than its share is missing',
  );
  t.match(judged('upload rps <= 50', run, lost), { status: 'fail' });
  t.match(judged('upload rps >= 60 for 2s', run, lost), { status: 'pass', actual: 67 });
});

t.test('a count that may still grow is not judged before the load is over', async (t) => {
  const run = [WARMUP, stretch(4, 50)];
  const stopped = { ending: { kind: 'stopped' as const, by: 'request' as const, reason: 'Ctrl-C' } };
  const wanted = ['upload requests >= 500', 'upload requests > 400', 'upload requests == 401', 'upload fails >= 1'];
  for (const criterion of wanted) {
    for (const early of [stopped, { ending: { kind: 'running' as const } }])
      t.match(judged(criterion, run, early), { status: 'invalid', reason: /^it had come to (400|0), and/ }, criterion);
    t.match(judged(criterion, run), { status: 'fail' }, criterion);
  }
  t.match(judged('upload requests >= 400', run, stopped), { status: 'pass' });
  t.match(judged('upload requests <= 300', run, stopped), { status: 'fail' }, 'it can only be worse');
  t.match(judged('upload requests == 399', run, stopped), { status: 'fail' });
  t.match(judged('upload rps >= 101', run, stopped), { status: 'fail' }, 'a rate is that of the seconds that came');
});

t.test('no run is stopped for a pause', async (t) => {
  for (const criterion of ['rps >= 2', 'rps >= 2 for 2s']) {
    const evaluator = evaluatorOf([abort(criterion)]);
    evaluator.observe(second(0, [1, 1, 1]));
    evaluator.observe(second(1, [1, 1, 1]));
    for (let at = 2; at < 6; at++) t.strictSame(evaluator.observe(second(at, []), true), [], criterion);
    t.strictSame(evaluator.observe(second(6, [1, 1, 1])), [], criterion);
    evaluator.observe(second(7, []));
    const after = Array.from({ length: 6 }, (_, i) => evaluator.observe(second(8 + i, []))).flat();
    t.ok(after.length > 0, `${criterion}: but for what comes after it`);
  }
});
