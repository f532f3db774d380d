import type { Lang } from './lang.ts';
import { levelEventText } from './level-events-zh-cn.ts';

/**
 * What control records of a run, in Chinese. Results hold the sentences themselves, in English, so that they are known by their form;
 * `$1` is what stands in the first bracket. What a plugin, a database or an operator said stays as it was said.
 */
const EVENTS: readonly (readonly [RegExp, string])[] = [
  [/^the load is paused$/, '负载已暂停'],
  [/^the load is resumed after (.+)$/, '负载在暂停 $1 后恢复'],
  [/^the load of scenario (.+) goes to ([\d.]+) virtual users$/, '场景 $1 的负载变为 $2 个虚拟用户'],
  [
    /^the load of scenario (.+) goes to ([\d.]+) virtual users within (.+)$/,
    '场景 $1 的负载在 $3 内变为 $2 个虚拟用户',
  ],
  [/^the load of scenario (.+) goes to ([\d.]+) arrivals per second$/, '场景 $1 的负载变为每秒 $2 次到达'],
  [
    /^the load of scenario (.+) goes to ([\d.]+) arrivals per second within (.+)$/,
    '场景 $1 的负载在 $3 内变为每秒 $2 次到达',
  ],
  [/^the run stops: (.+)$/s, '测试停止：$1'],
  [/^operations in flight are cut off$/, '进行中的操作被中断'],
  [/^not all that the agents reported could be stored$/, '代理上报的数据未能全部存储'],
  [/^every agent was lost$/, '所有代理都已失联'],
  [/^every agent has ended its load early or was lost$/, '所有代理都已提前结束负载或失联'],
  [/^an operator stopped it over the HTTP API$/, '操作员通过 HTTP API 停止了测试'],
  [/^stopped from the web page$/, '在网页上停止'],
  [/^agent (\S+) was lost$/, '代理 $1 失联'],
  [/^agent (\S+) was lost: nothing has come from it for ([\d.]+) s$/, '代理 $1 失联：$2 秒内没有收到它的任何数据'],
  [
    /^agent (\S+) was lost: nothing has come from it for ([\d.]+) s; if (.+) blocks its event loop, its terminal says where$/,
    '代理 $1 失联：$2 秒内没有收到它的任何数据；如果 $3 阻塞了它的事件循环，它的终端会指出位置',
  ],
  [/^agent (\S+) is gone: (.+)$/s, '代理 $1 已断开：$2'],
  [/^agent (\S+) is back, and sends what it could not send$/, '代理 $1 已恢复，正在补发未能发送的数据'],
  [/^agent (\S+) has left, and all that it did is counted$/, '代理 $1 已离开，它的全部工作均已计入'],
  [/^agent (\S+) has ended its load early: (.+)$/s, '代理 $1 提前结束了负载：$2'],
  [/^agent (\S+) leaves: (.+)$/s, '代理 $1 离开：$2'],
  [/^the clock of agent (\S+) jumped by ([-\d.]+) s$/, '代理 $1 的时钟跳变了 $2 秒'],
  [/^agent (\S+) warns: (.+)$/s, '代理 $1 警告：$2'],
  [/^agent (\S+) cannot take part: (.+)$/s, '代理 $1 无法参与：$2'],
  [
    /^agent (\S+) has joined (\d+) times, and takes no more part in this run$/,
    '代理 $1 已加入 $2 次，不再参与本次测试',
  ],
  [
    /^agent (\S+) takes no part in the load: maxVus is too small for one more agent$/,
    '代理 $1 不参与负载：maxVus 太小，无法再分给一个代理',
  ],
  [
    /^agent (\S+) has not reported its totals: what it did from second (\d+) on is not known$/,
    '代理 $1 没有上报总数：从第 $2 秒起它做了什么无从得知',
  ],
  [/^agent (\S+) and control do not agree: (.+)$/s, '代理 $1 与控制端的数据不一致：$2'],
  [
    /^agent (\S+) held up to (\d+) rows of (.+): unless it comes back, they are left out, because it may have used them$/,
    '代理 $1 持有 $3 的最多 $2 行数据：除非它恢复，否则这些行不再使用，因为它可能已经用过',
  ],
  [
    /^agent (\S+) sends messages of run (.+), which is not under way for it: ignored$/,
    '代理 $1 发来测试 $2 的消息，而它并未参与该测试：已忽略',
  ],
  [
    /^windows of agent (\S+) are missing: it counted (\d+) operations, control has (\d+)$/,
    '代理 $1 的部分数据缺失：它计数 $2 次操作，控制端只有 $3 次',
  ],
  [/^windows are missing because (.+)$/s, '部分数据缺失，原因：$1'],
  [
    /^control was restarted and goes on with the (\d+) windows that it had stored$/,
    '控制端已重启，从已存储的 $1 个数据窗口继续',
  ],
  [/^control can write to the store again$/, '控制端又可以写入存储'],
  [/^(.+); windows wait, and control tries again every second$/s, '$1；数据在等待，控制端每秒重试'],
  [
    /^(\d+) MB of windows wait to be stored: control takes no more for now, and agents keep theirs until there is room$/,
    '有 $1 MB 数据等待存储：控制端暂时不再接收，代理会保留各自的数据，直到有空间为止',
  ],
  [/^monitors have no values for seconds (\d+) to (\d+)$/, '第 $1 到 $2 秒没有监控数据'],
  [/^monitor (\S+) answers again$/, '监控 $1 又有应答'],
  [/^monitor (\S+) failed: (.+)$/s, '监控 $1 失败：$2'],
  [/^monitor (\S+) cannot be opened: (.+)$/s, '监控 $1 无法打开：$2'],
  [/^monitor (\S+) could not be closed: (.+)$/s, '监控 $1 无法关闭：$2'],
  [/^monitor (\S+) could not describe its source: (.+)$/s, '监控 $1 无法描述其数据源：$2'],
  [/^the monitors cannot be opened: (.+)$/s, '监控无法打开：$1'],
  [/^the outputs cannot be opened: (.+)$/s, '输出无法打开：$1'],
  [/^thresholds with a duration cannot be judged: (.+)$/s, '带持续时间的指标无法判定：$1'],
  [
    /^so many different response times came, in so many rows, that percentiles may be up to 6 % too high from now on; counts and sums stay exact$/,
    '响应时间的取值和行数过多，此后百分位最多可能偏高 6 %；计数与总和仍然精确',
  ],
  [
    /^more happened than a result lists: the log of control has it all$/,
    '发生的事件多于结果所列：控制端的日志中有全部记录',
  ],
];

/** A sentence of the events of a run, in the language of the reader. Those that are not known stay as they are. */
export function eventText(text: string, lang: Lang): string {
  if (lang === 'en') return text;
  for (const [form, translation] of EVENTS) {
    const match = form.exec(text);
    if (match !== null)
      return translation.replaceAll(/\$(\d)/g, (_, i: string) => eventText(match[Number(i)] ?? '', lang));
  }
  return levelEventText(text) ?? text;
}
