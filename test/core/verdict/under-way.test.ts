/** Criteria with windows on what a target had not answered when the load ended. */
import t from 'tap';
import { conclude } from '../../../core/verdict/conclusion.ts';
import type { Stretch } from '../../kit/results/built-seconds.ts';
import { uploadPlan } from '../../kit/results/documents.ts';
import { evaluatorOf, judged, second, stretch } from '../../kit/results/judged.ts';
import { buildResult, type RunShape } from '../../kit/results/results.ts';
import { has } from '../../kit/results/sentences.ts';

const HUNG = (seconds: number): Stretch => ({ seconds, vus: 5, operations: {} });
const SILENCE = HUNG(4);
const after = (perSecond: number, ms: number, kind = 'none', seconds = 1): Stretch => ({
  ...{ seconds, vus: 5 },
  operations: { upload: { perSecond, ms: { 0: ms, 1: ms }, fails: { [kind]: 1 } } },
});
const OF_8_S = { spans: { warmupUs: 0, measuredUs: 8e6, plannedUs: 8e6 } };

t.test('a target that answers nothing any more breaks its windows, though none of them has a request', async (t) => {
  const hung = [stretch(4, 50), SILENCE, HUNG(2), after(5, 6000, 'aborted')];
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

t.test('that a target answered nothing for a while is said, and is not plenty of room', async (t) => {
  const told = (stretches: readonly Stretch[], more: Partial<RunShape> = OF_8_S) =>
    conclude(
      { ...buildResult({ plan: uploadPlan({ thresholds: ['p95 < 200ms'] }), stretches, ...more }), validity: [] },
      'en',
    );
  const hung = told([stretch(4, 50), SILENCE, HUNG(2), after(5, 6000, 'aborted')]);
  has(t, hung, [/^From second 4 on, the target answered nothing for 4s: requests of that time took up to 6000 ms\.$/]);
  t.notMatch(hung.join(' '), /plenty of room/);
  const back = told([stretch(3, 50), HUNG(3), after(5, 3500), stretch(1, 50)]);
  has(t, back, [/^From second 3 on, the target answered nothing for 3s: .* took up to 3500 ms\.$/]);
  const quiet: [string, readonly Stretch[], Partial<RunShape>?][] = [
    ['nobody asked', [stretch(3, 50), HUNG(3), stretch(2, 50)]],
    ['all requests take that long', [after(5, 3000), HUNG(3), after(5, 3500), HUNG(3), after(5, 3500)], {}],
    ['the generator stood still', [stretch(3, 50), { ...HUNG(3), loopLagMs: 900 }, after(5, 3500), stretch(1, 50)]],
    ['a second', [stretch(3, 50), HUNG(1), after(5, 1500), stretch(3, 50)]],
  ];
  for (const [why, stretches, more] of quiet) t.notMatch(told(stretches, more).join(' '), /answered nothing/, why);
});
