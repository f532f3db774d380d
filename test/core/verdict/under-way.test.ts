/** Criteria with windows on what a target had not answered when the load ended. */
import t from 'tap';
import type { Stretch } from '../../kit/results/built-seconds.ts';
import { uploadPlan } from '../../kit/results/documents.ts';
import { evaluatorOf, judged, second, stretch } from '../../kit/results/judged.ts';
import { buildResult } from '../../kit/results/results.ts';

const SILENCE: Stretch = { seconds: 4, vus: 5, operations: {} };
const after = (perSecond: number, ms: number, kind = 'none', seconds = 1): Stretch => ({
  ...{ seconds, vus: 5 },
  operations: { upload: { perSecond, ms: { 0: ms, 1: ms }, fails: { [kind]: 1 } } },
});
const OF_8_S = { spans: { warmupUs: 0, measuredUs: 8e6, plannedUs: 8e6 } };

t.test('a target that answers nothing any more breaks its windows, though none of them has a request', async (t) => {
  const hung = [stretch(4, 50), SILENCE, { ...SILENCE, seconds: 2 }, after(5, 6000, 'aborted')];
  t.match(judged('upload p95 < 100ms for 2s', hung, OF_8_S), { status: 'fail', actual: 6e6, worstSecond: 8 });
  t.match(judged('upload error_rate < 1% for 3s', hung, OF_8_S), { status: 'fail', actual: 1, worstSecond: 9 });
  t.match(judged('upload fails == 0 for 3s', hung, OF_8_S), { status: 'fail', actual: 5 });
  t.match(judged('upload availability > 99% for 2s', hung, OF_8_S), { status: 'fail', actual: 0 });
  t.match(judged('upload rps <= 100 for 2s', hung, OF_8_S), { status: 'pass' }, 'a rate is that of the load');
  const behind = [stretch(8, 50), after(100, 900, 'none', 3)];
  t.match(judged('upload p95 < 500ms for 2s', behind, OF_8_S), { status: 'fail', actual: 900_000, worstSecond: 8 });
});

t.test('what is under way at the end of any load is no window: it is mostly the long requests', async (t) => {
  const steady = [stretch(8, 50), after(40, 900)];
  t.match(judged('upload p95 < 500ms for 2s', steady, OF_8_S), { status: 'pass', actual: 50_000 });
  const cut = [stretch(8, 50), after(200, 50, 'aborted')];
  t.match(judged('upload error_rate < 1% for 1s', cut, OF_8_S), { status: 'pass' }, 'it had no time to be answered');
});

t.test('of a load that is stopped, only its own seconds are windows, and what was under way then', async (t) => {
  const evaluator = evaluatorOf(['upload p95 < 100ms for 2s']);
  for (const at of [0, 1, 2, 3]) evaluator.observe(second(at, at < 2 ? [50, 50] : []));
  evaluator.endLoad(4.3e6);
  for (const at of [4, 5, 6]) evaluator.observe(second(at, at < 6 ? [] : [4000, 4000]));
  const run = { ...OF_8_S.spans, measuredUs: 4.3e6 };
  const result = buildResult({ plan: uploadPlan({}), stretches: [stretch(2, 50), SILENCE], spans: run });
  t.match(evaluator.conclude(result), [{ status: 'fail', actual: 4e6, worstSecond: 5 }]);
});
