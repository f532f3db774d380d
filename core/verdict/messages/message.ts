import type { Message } from '../../stats/result.ts';
import {
  formatBytes,
  formatCount,
  formatJudged,
  formatMs,
  formatNumber,
  formatRate,
  formatShare,
  formatSpan,
  type ResultUnit,
} from '../quantity.ts';
import { type Catalogue, en } from './en.ts';
import type { Lang } from './lang.ts';
import { zhCn } from './zh-cn.ts';

export { LANGUAGES, type Lang } from './lang.ts';

export const CATALOGUES: Readonly<Record<Lang, Catalogue>> = { en, 'zh-CN': zhCn };

type Parameter = Message['params'][string];

const FORMS: Readonly<Record<string, (value: Parameter, message: Message, lang: Lang) => string>> = {
  ms: (us) => `${formatMs(Number(us))} ms`,
  span: (us, _message, lang) => formatSpan(Number(us), lang),
  share: (share) => formatShare(Number(share)),
  rate: (perSecond) => `${formatRate(Number(perSecond))}/s`,
  count: (count) => formatCount(Number(count)),
  /** So many virtual users, as one is not "1 virtual users". */
  users: (count, _message, lang) => formatUsers(Number(count), lang),
  number: (value) => formatNumber(Number(value)),
  bytes: (bytes) => formatBytes(Number(bytes)),
  /** In the unit that the parameter `unit` names, beside the parameter `limit`. */
  quantity: (value, { params }) => formatJudged(Number(value), Number(params.limit), params.unit as ResultUnit),
  list: (names, _message, lang) => joined(names, lang),
};

const PARAMETER = /\{(\w+)(?::(\w+))?\}/g;

/** The sentence in that language; one of an unknown id, from a newer version, shows its id and parameters. */
export function renderMessage(message: Message, lang: Lang): string {
  const template: string | undefined = CATALOGUES[lang][message.id as keyof Catalogue];
  if (template === undefined) return `${message.id} ${JSON.stringify(message.params)}`;
  return template.replaceAll(PARAMETER, (_, name: string, form: string | undefined) => {
    const value = message.params[name] ?? '';
    const write = form === undefined ? undefined : FORMS[form];
    return write === undefined ? String(value) : write(value, message, lang);
  });
}

function formatUsers(count: number, lang: Lang): string {
  if (lang === 'zh-CN') return `${formatCount(count)} 个虚拟用户`;
  return `${formatCount(count)} virtual user${count === 1 ? '' : 's'}`;
}

function joined(names: Parameter, lang: Lang): string {
  const list = Array.isArray(names) ? (names as readonly string[]) : [String(names)];
  if (lang === 'zh-CN') return list.join('、');
  return list.length < 2 ? list.join('') : `${list.slice(0, -1).join(', ')} and ${list.at(-1)}`;
}
