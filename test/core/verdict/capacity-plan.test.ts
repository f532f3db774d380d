/** What a run with steps says of the capacity: document 002's tables and sentences. */
import t from 'tap';
import type { PlanInput } from '../../../core/plan/schema.ts';
import { conclude } from '../../../core/verdict/conclusion.ts';
import { makeView } from '../../../reports/view.ts';
import { DOCUMENT_002 } from '../../kit/results/documents.ts';
import { buildResult } from '../../kit/results/results.ts';
import { has } from '../../kit/results/sentences.ts';

function planned(overrides: Partial<PlanInput>) {
  return buildResult({ ...DOCUMENT_002, plan: { ...DOCUMENT_002.plan, ...overrides } });
}

const NEED = { need: '10000/s', reserve: 2 };

t.test('document 002: 1,500 requests/s a machine, the knee at 200 users, 7 machines and 14 with reserve', async (t) => {
  const result = planned({ capacity: NEED });
  has(t, conclude(result, 'en'), [
    /: the knee is at 200 virtual users\.$/,
    /^One machine like the target takes 1500\/s \(100 virtual users, p95 65(\.\d)? ms\)/,
    /^For 10,000\/s: 10,000\/s ÷ 1500\/s = 7 machines; with a reserve \(2 times\) 14 machines/,
    /^By the Universal Scalability Law over 5 levels \(error /,
  ]);
  has(t, conclude(result, 'zh-CN'), [
    /^单机 QPS 为 1500\/s（100 个虚拟用户/,
    /需要机器数 = 10,000\/s ÷ 1500\/s = 7 台；考虑冗余（2 倍）= 14 台/,
  ]);
  const { sections } = makeView(result, 'en');
  const levels = sections.find(({ id }) => id === 'levels')?.table?.rows.map((row) => row.map(({ text }) => text));
  t.strictSame(
    levels?.map(([users, rate]) => [users, rate]),
    [
      ['10', '499.9'],
      ['50', '1200'],
      ['100', '1500'],
      ['200', '1600'],
      ['500', '1550'],
    ],
  );
  const facts = sections.find(({ id }) => id === 'capacity')?.table?.rows.map((row) => row.map(({ text }) => text));
  t.strictSame(facts?.slice(0, 4), [
    ['Need', '10,000/s'],
    ['One machine takes', '1500/s'],
    ['Machines', '7'],
    ['Machines with reserve × 2', '14'],
  ]);
});

t.test('without criteria the knee is the capacity', async (t) => {
  has(t, conclude(planned({ capacity: NEED, thresholds: ['error_rate < 10%'] }), 'en'), [
    /^One machine like the target takes 1600\/s \(200 virtual users/,
    /= 7 machines; with a reserve \(2 times\) 13 machines/,
  ]);
});

t.test(
  'a target that fails at the lowest level has none, and one that never failed has at least so much',
  async (t) => {
    has(t, conclude(planned({ capacity: NEED, thresholds: ['p95 < 1ms'] }), 'en'), [
      /cannot be said: the target breaks a criterion already at the lowest level\.$/,
    ]);
    const below = DOCUMENT_002.stretches.slice(0, 3);
    const result = buildResult({
      ...DOCUMENT_002,
      stretches: below,
      plan: { ...DOCUMENT_002.plan, capacity: { need: '10000/s' } },
    });
    has(t, conclude(result, 'en'), [
      /^One machine like the target takes at least 1500\/s/,
      /^For 10,000\/s: 10,000\/s ÷ 1500\/s = at most 7 machines, if each/,
    ]);
  },
);

t.test('a plan without a need, and a run without levels', async (t) => {
  t.notMatch(conclude(planned({}), 'en').join('\n'), /machine/);
  const one = buildResult({
    ...DOCUMENT_002,
    stretches: DOCUMENT_002.stretches.slice(0, 1),
    plan: { ...DOCUMENT_002.plan, capacity: NEED },
  });
  has(t, conclude(one, 'en'), [/cannot be said: the load has no steps that were held/]);
});
