import type { Message } from '../../text/message.ts';
import type { Side } from '../comparison.ts';
import {
  formatBytes,
  formatCount,
  formatJudged,
  formatMs,
  formatNumber,
  formatRate,
  formatShare,
  formatSpan,
  formatTimes,
  formatUsed,
  isResultUnit,
} from '../quantity.ts';
import { type Catalogue, en } from './en.ts';
import type { Lang } from './lang.ts';
import { spokenIn } from './spoken/spoken.ts';
import { zhCn } from './zh-cn.ts';

export { LANGUAGES, type Lang } from './lang.ts';

export const CATALOGUES: Readonly<Record<Lang, Catalogue>> = { en, 'zh-CN': zhCn };

type Parameter = Message['params'][string];

const FORMS: Readonly<Record<string, (value: Parameter, message: Message, lang: Lang) => string>> = {
  ms: (us) => `${formatMs(Number(us))} ms`,
  span: (us, _message, lang) => formatSpan(Number(us), lang),
  share: (share) => formatShare(Number(share)),
  /** How much of a resource is in use: a share that is measured roughly, and may be shown as 100 %. */
  used: (share) => formatUsed(Number(share)),
  rate: (perSecond) => `${formatRate(Number(perSecond))}/s`,
  count: (count) => formatCount(Number(count)),
  /** "1 virtual user", but "2 virtual users". */
  users: (count, _message, lang) => formatUsers(Number(count), lang),
  requests: (count) => formatCounted(Number(count), 'request', 'requests'),
  passes: (count) => formatCounted(Number(count), 'pass', 'passes'),
  allRequests: (count) => allRequests('all', 'the only', Number(count)),
  /** The same at the beginning of a sentence. */
  AllRequests: (count) => allRequests('All', 'The only', Number(count)),
  machines: (count, _message, lang) => formatMachines(Number(count), lang),
  number: (value) => formatNumber(Number(value)),
  times: (factor) => formatTimes(Number(factor)),
  bytes: (bytes) => formatBytes(Number(bytes)),
  /** In the unit of the parameter `unit`, with enough digits to show on which side of the parameter `limit` it lies. */
  quantity: (value, { params }) =>
    isResultUnit(params.unit)
      ? formatJudged(Number(value), Number(params.limit), params.unit)
      : formatNumber(Number(value)),
  /** By how much a limit is missed, as a share of it. The parameter `side` says on which side the value lies. */
  excess: (share, { params }, lang) => excessText(Number(share), params.side as Side, lang),
  /** The sentence `cause.…` with the parameters of this message. */
  cause: (kind, { params }, lang) => renderMessage({ id: `cause.${kind}`, params }, lang),
  /** Set where a count that seems to be of the measured phase covers the warm-up too. */
  withWarmup: (isSet, _message, lang) => (isSet === '' ? '' : lang === 'zh-CN' ? '（含预热）' : ' (warm-up included)'),
  /** The CPU cores that the owner's own process used, where its monitor says so. */
  ownCores: (cores, { params: { owner } }, lang) => {
    if (cores === '') return '';
    const used = formatNumber(Number(cores));
    return lang === 'zh-CN' ? `（${owner} 自身用了 ${used} 个核）` : ` (${owner} itself used ${used} cores)`;
  },
  /** Set where the target runs on that host as well. */
  targetToo: (isSet, _message, lang) =>
    isSet === '' ? '' : lang === 'zh-CN' ? '（包括被测系统）' : ' (the target among them)',
  /** What somebody else may have said: a sentence of ours is put into the language. */
  said: (text, _message, lang) => spokenIn(String(text), lang),
  list: (names, _message, lang) => joined(names, lang),
};

const PARAMETER = /\{(\w+)(?::(\w+))?\}/g;

/** The sentence in that language. A message of a newer version, whose id is unknown here, shows its id and parameters. */
export function renderMessage(message: Message, lang: Lang): string {
  const catalogue = CATALOGUES[lang];
  if (!Object.hasOwn(catalogue, message.id)) return `${message.id} ${JSON.stringify(message.params)}`;
  const template: string = catalogue[message.id as keyof Catalogue];
  return template.replaceAll(PARAMETER, (_, name: string, form: string | undefined) => {
    const value = (Object.hasOwn(message.params, name) ? message.params[name] : undefined) ?? '';
    const write = form === undefined ? undefined : FORMS[form];
    return write === undefined ? String(value) : write(value, message, lang);
  });
}

/** From twice the limit on, "49 times" is understood at first reading; "4823% over" is not. */
const EXCESS: Readonly<Record<Lang, (share: number, side: Side) => string>> = {
  en: (share, side) => {
    if (share === 0) return 'exactly the limit';
    if (side === 'under') return `${formatShare(share)} under the limit`;
    const allowed = side === 'failures';
    if (share >= 1) return `${formatTimes(share + 1)} times the ${allowed ? 'allowed failures' : 'limit'}`;
    return allowed ? `${formatShare(share)} more failures than allowed` : `${formatShare(share)} over the limit`;
  },
  'zh-CN': (share, side) => {
    if (share === 0) return '恰好等于限值';
    if (side === 'under') return `比限值低 ${formatShare(share)}`;
    const allowed = side === 'failures';
    if (share >= 1) return `${allowed ? '失败数是允许值' : '是限值'}的 ${formatTimes(share + 1)} 倍`;
    return allowed ? `失败数比允许值多 ${formatShare(share)}` : `超出限值 ${formatShare(share)}`;
  },
};

/** Such as `15.6% over the limit`. @param excess as a share of the limit, not negative */
export function excessText(excess: number, side: Side, lang: Lang): string {
  return EXCESS[lang](excess, side);
}

function formatUsers(count: number, lang: Lang): string {
  if (lang === 'zh-CN') return `${formatCount(count)} 个虚拟用户`;
  return formatCounted(count, 'virtual user', 'virtual users');
}

/** English counts: Chinese has one form for any number. */
function formatCounted(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

function allRequests(all: string, only: string, count: number): string {
  return count === 1 ? `${only} request` : `${all} ${formatCount(count)} requests`;
}

function formatMachines(count: number, lang: Lang): string {
  if (lang === 'zh-CN') return `${formatCount(count)} 台`;
  return formatCounted(count, 'machine', 'machines');
}

function joined(names: Parameter, lang: Lang): string {
  const list = Array.isArray(names) ? (names as readonly string[]) : [String(names)];
  if (lang === 'zh-CN') return list.join('、');
  return list.length < 2 ? list.join('') : `${list.slice(0, -1).join(', ')} and ${list.at(-1)}`;
}
