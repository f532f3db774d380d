// The words of the page in the reader's language: the labels of the reports and those of the live page.

import { asked } from './early.js';

const known = { lang: 'en', labels: {} };

export async function loadWords(lang) {
  const answer = await asked(`/assets/words.${lang}.json`);
  known.labels = await answer.json();
  known.lang = lang;
  document.documentElement.lang = lang;
}

export function language() {
  return known.lang;
}

/** @param params put in place of `{name}` */
export function say(id, params) {
  const text = known.labels[id] ?? id;
  return params === undefined
    ? text
    : text.replaceAll(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
}

const SPANS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
];

/** Such as `1m 20s`, to the second. */
export function span(us) {
  let rest = Math.max(0, Math.round(us / 1e6));
  const parts = [];
  for (const [unit, seconds] of SPANS) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0 || (unit === 's' && parts.length === 0)) parts.push(`${count}${say(`unit.${unit}`)}`);
  }
  return parts.join(known.lang === 'zh-CN' ? '' : ' ');
}

/** What control said, in the reader's language where that is known. @param said { text, texts } */
export function spoken({ text, texts }) {
  return texts?.[known.lang] ?? text;
}

/** Why something is as it is, in the same way. @param said { reason, reasonTexts } */
export function because({ reason, reasonTexts }) {
  return spoken({ text: reason, texts: reasonTexts });
}

/** @param time RFC 3339 */
export function localTime(time) {
  return new Date(time).toLocaleString(known.lang, { dateStyle: 'medium', timeStyle: 'medium' });
}
