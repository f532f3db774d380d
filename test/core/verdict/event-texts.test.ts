import t from 'tap';
import { levelSentence } from '../../../core/control/load/threshold-watch.ts';
import type { SearchedLevel } from '../../../core/stats/search/search-result.ts';
import { en } from '../../../core/verdict/messages/en.ts';
import { eventText } from '../../../core/verdict/messages/events-zh-cn.ts';

t.test('what control records is told in Chinese, with what others said as they said it', async (t) => {
  for (const [text, chinese] of [
    ['the load is paused', '负载已暂停'],
    ['the load of scenario devices goes to 7 virtual users', '场景 devices 的负载变为 7 个虚拟用户'],
    [
      'the load of scenario a b goes to 0.5 arrivals per second within 1m 20s',
      '场景 a b 的负载在 1m 20s 内变为每秒 0.5 次到达',
    ],
    ['the run stops: agent agent-2 was lost', '测试停止：代理 agent-2 失联'],
    ['the run stops: p95 < 5ms is broken', '测试停止：p95 < 5ms is broken'],
    ['agent agent-2 was lost: nothing has come from it for 3 s', '代理 agent-2 失联：3 秒内没有收到它的任何数据'],
    ['monitor db failed: connect ECONNREFUSED $1', '监控 db 失败：connect ECONNREFUSED $1'],
    ['windows are missing because the disk is full', '部分数据缺失，原因：the disk is full'],
    ['something else', 'something else'],
  ] as const) {
    t.equal(eventText(text, 'zh-CN'), chinese);
    t.equal(eventText(text, 'en'), text);
  }
});

t.test('what came of a level of a search has no English left in Chinese, whatever the reason', async (t) => {
  const params = {
    ...{
      disturbed: 2,
      watched: 9,
      longest: 4,
      limit: 0.5,
      delayUs: 1500,
      level: 200,
      answered: 150,
      criterion: 'p95 < 5ms',
    },
    ...{ actual: 8000, unit: 'us', service: 4000, stalled: 1, seconds: 9, otherwise: 3000, timeouts: 3, share: 0.2 },
  };
  const ids = Object.keys(en).filter((id) => /^(?:level\.|threshold\.(?:fail$|generator-))/.test(id));
  t.ok(ids.length > 10);
  const next = [
    { kind: 'done' },
    ...['search', 'recover', 'confirm'].map((purpose) => ({ kind: 'try', level: 12_500, purpose })),
  ];
  for (const purpose of ['search', 'recover', 'confirm'] as const)
    for (const outcome of ['holds', 'breaks', 'unclear', 'cut-short'] as const)
      for (const unit of ['vus', 'rate'] as const)
        for (const id of [undefined, ...ids])
          for (const step of next) {
            const reasons = id === undefined ? [] : [{ id, params }];
            const judged = {
              level: 1200,
              purpose,
              outcome,
              perSecond: 900,
              p95Us: 8000,
              reasons,
            } as unknown as SearchedLevel;
            const told = eventText(
              levelSentence(judged, { of: unit, step } as Parameters<typeof levelSentence>[1]),
              'zh-CN',
            );
            const english = told.replaceAll(/p95( < 5ms)?|\bms\b|CPU/g, '').match(/[A-Za-z]{2,}/g);
            if (english !== null) t.fail(told);
          }
  t.equal(
    eventText(
      '200 virtual users breaks (1,900/s, p95 812 ms): p95 < 100ms: failed with 812 ms; next: 150 virtual users',
      'zh-CN',
    ),
    '200 个虚拟用户：不满足（1,900/s，p95 812 ms），原因：p95 < 100ms：未达标，实际为 812 ms；下一级：150 个虚拟用户',
  );
});

t.test('no sentence takes long to look for, whatever an agent says', async (t) => {
  const hostile = `agent ${'a '.repeat(20_000)}; if `;
  const before = performance.now();
  eventText(hostile, 'zh-CN');
  t.ok(performance.now() - before < 1000);
});
