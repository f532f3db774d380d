import { en } from './en.ts';
import { zhCn } from './zh-cn.ts';

/** What `control/load/threshold-watch.ts` says of a level that find-max has tried: what came of it, why, and what it tries next. */
const LEVEL =
  /^(back at )?([\d.,]+)( virtual users|\/s) ([a-z -]+) \(([\d.,]+)\/s, p95 ([\d.,–]+) ms\)(?:: (.+))?; (?:the search is over|next: ([\d.,]+)( virtual users|\/s)(.*))$/s;

const OUTCOMES: Readonly<Record<string, string>> = {
  holds: '满足',
  breaks: '不满足',
  'cannot be judged': '无法判定',
  'was cut short': '被提前结束',
  'the target is itself again': '被测系统已恢复',
  'the target does not recover': '被测系统没有恢复',
  'is confirmed': '已确认',
};
const PURPOSES: Readonly<Record<string, string>> = {
  '': '',
  ', until the target is itself again': '，直到被测系统恢复',
  ', to confirm it': '，以确认结果',
};

/** The sentences that tell why a level does not hold, as forms of their English texts. */
const REASONS = (Object.keys(en) as (keyof typeof en)[])
  .filter((id) => /^(?:level\.|threshold\.(?:fail$|generator-))/.test(id))
  .map((id) => ({ form: formOf(en[id]), chinese: zhCn[id] }));

/** An event that tells of a level of find-max, in Chinese; undefined when it is another one. */
export function levelEventText(text: string): string | undefined {
  const match = LEVEL.exec(text);
  if (match === null) return undefined;
  const [, back, level = '', unit, outcome = '', perSecond, p95, reason, next, nextUnit, purpose = ''] = match;
  const [shown, told] = [OUTCOMES[outcome], PURPOSES[purpose]];
  if (shown === undefined || told === undefined) return undefined;
  const why = reason === undefined ? '' : `，原因：${reasonText(reason)}`;
  const then = next === undefined ? '搜索结束' : `下一级：${levelText(next, nextUnit)}${told}`;
  return `${back === undefined ? '' : '回到 '}${levelText(level, unit)}：${shown}（${perSecond}/s，p95 ${p95} ms）${why}；${then}`;
}

function levelText(level: string, unit: string | undefined): string {
  return unit === '/s' ? `${level}/s` : `${level} 个虚拟用户`;
}

/** @param reason without the full stop at its end */
function reasonText(reason: string): string {
  for (const { form, chinese } of REASONS) {
    const groups = form.exec(reason)?.groups;
    if (groups !== undefined)
      return chinese.replaceAll(/\{(\w+)(?::\w+)?\}/g, (_, name: string) => groups[name] ?? '').replace(/。$/, '');
  }
  return reason;
}

/** `of {level:rate} offered` as a form with a group for each place. */
function formOf(english: string): RegExp {
  const seen = new Set<string>();
  const form = english
    .replace(/\.$/, '')
    .replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\{(\w+)(?::\w+)?\}/g, (_, name: string) => {
      if (seen.has(name)) return `\\k<${name}>`;
      seen.add(name);
      return `(?<${name}>.+?)`;
    });
  return new RegExp(`^${form}$`, 's');
}
