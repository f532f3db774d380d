import t from 'tap';
import { isTimeout } from '../../../core/stats/error-kinds.ts';
import { parseThreshold } from '../../../core/verdict/criterion.ts';
import { timeoutExcuse } from '../../../core/verdict/generator-fault.ts';
import { renderMessage } from '../../../core/verdict/messages/message.ts';
import { EMPTY_TALLY } from '../../../core/verdict/tally.ts';
import type { Stretch } from '../../kit/results/built-seconds.ts';
import { abort, evaluatorOf, judged, second, stretch, WARMUP } from '../../kit/results/judged.ts';

t.test('requests that time out while the generator stands still fail no criterion on failures', async (t) => {
  const stalled = { loopLagUs: 400_000 };
  const evaluator = evaluatorOf([abort('upload fails == 0'), abort('upload error_rate < 1% for 2s')]);
  const names = (...given: Parameters<typeof second>) =>
    evaluator.observe(second(...given)).map((one) => one.criterion);
  t.strictSame(names(0, [50, 50]), []);
  t.strictSame(names(1, [50, 50], { ...stalled, errors: 1, timeouts: 1 }), [], 'in the second of the stall');
  t.strictSame(names(2, [50, 50], { errors: 1, timeouts: 1 }), [], 'and in the one after it');
  t.strictSame(names(3, [50, 50]), []);
  t.strictSame(names(4, [50, 50], { errors: 1, timeouts: 1 }), ['upload fails == 0', 'upload error_rate < 1% for 2s']);

  const failing = (fails: Readonly<Record<string, number>>, loopLagMs: number): Stretch => ({
    ...{ seconds: 1, vus: 10, loopLagMs },
    operations: { upload: { perSecond: 100, ms: { 0: 50, 1: 50 }, fails } },
  });
  const run = (middle: Stretch) => [WARMUP, stretch(6, 50), middle, stretch(6, 50)];
  for (const criterion of ['upload error_rate < 1%', 'upload fails == 0', 'upload availability >= 99%']) {
    t.match(
      judged(criterion, run(failing({ timeout: 0.3, connect_timeout: 0.1 }, 800))),
      {
        status: 'invalid',
        reason: /but 40 requests timed out in seconds in which the load generator stood still; without/,
      },
      criterion,
    );
    t.match(judged(criterion, run(failing({ timeout: 0.4 }, 5))), { status: 'fail' }, "the target's own timeouts");
    t.match(
      judged(criterion, run(failing({ timeout: 0.1, http_500: 0.3 }, 800))),
      { status: 'fail' },
      'other failures',
    );
  }
  t.match(judged('upload fails == 0 for 3s', run(failing({ timeout: 0.4 }, 800))), {
    status: 'invalid',
    reason: /40 requests timed out/,
  });
  t.match(judged('upload error_rate < 50%', run(failing({ timeout: 0.4 }, 800))), { status: 'pass' });
});

t.test('nor do passes that such a request has failed', async (t) => {
  for (const kind of ['timeout', 'list: timeout', 'sign in: now: connect_timeout'])
    t.equal(isTimeout(kind), true, kind);
  for (const kind of ['list: http_500', 'timeout: http_500', 'until_not_met', ': '])
    t.equal(isTimeout(kind), false, kind);
  const all = { ...EMPTY_TALLY, requests: 100, errors: 4 };
  const excuse = (criterion: string, timeouts: number) => timeoutExcuse(parseThreshold(criterion), all, timeouts);
  const told = excuse('journey shoppers error_rate < 1%', 4);
  t.match(told && renderMessage(told, 'en'), /but 4 passes failed because a request timed out in seconds in which/);
  t.equal(excuse('journey shoppers error_rate < 1%', 2), undefined, 'other passes have failed too');
});
