import t from 'tap';
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

t.test('no sentence takes long to look for, whatever an agent says', async (t) => {
  const hostile = `agent ${'a '.repeat(20_000)}; if `;
  const before = performance.now();
  eventText(hostile, 'zh-CN');
  t.ok(performance.now() - before < 1000);
});
