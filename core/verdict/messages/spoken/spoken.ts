import { en } from '../en.ts';
import type { Lang } from '../lang.ts';
import { zhCn } from '../zh-cn.ts';
import { agentsZhCn } from './agents-zh-cn.ts';
import { changesZhCn } from './changes-zh-cn.ts';
import { criteriaZhCn } from './criteria-zh-cn.ts';
import { databasesZhCn } from './databases-zh-cn.ts';
import { driversZhCn } from './drivers-zh-cn.ts';
import { Form, PLACE, type Sentences } from './form.ts';
import { optionsZhCn } from './options-zh-cn.ts';
import { phrasesZhCn } from './phrases-zh-cn.ts';
import { plansZhCn } from './plans-zh-cn.ts';
import { requestsZhCn } from './requests-zh-cn.ts';
import { levelText, runsZhCn } from './runs-zh-cn.ts';
import { serversZhCn } from './servers-zh-cn.ts';
import { yamlZhCn } from './yaml-zh-cn.ts';

/** A longer text is no sentence of ours. */
const MAX_CHARACTERS = 8000;
/** What stands between alternatives. */
const OR = ' or ';
/** In a text of more parts, sentences are not looked for. */
const MAX_PARTS = 24;
/** How often a sentence is looked for in one text, so that none takes long, however it is made. */
const MAX_LOOKS = 800;
/** What stands between sentences that are told together, and what is written in its place. */
const BETWEEN = [
  ['\n', '\n'],
  ['. ', '。'],
  ['; ', '；'],
] as const;
/** `scenarios.devices.stages[2].duration: …`, or what it is called where it was given. */
const PLACED = /^(`[^`]+`|--[\w-]+(?: [\w-]+)?|[\w$@][^\s:"]*): (.+)$/s;
/** Forms of parameters that hold a sentence or a phrase of ours. All others are figures, names and texts of others. */
const SPOKEN = new Set(['said', 'excess', 'cause', 'users']);
const HAN = /\p{Script=Han}/u;
/** A list of names without spaces, which is no text with an "and" of its own. */
const NAMES = /^\S+(?:, \S+)* and \S+$/;
/** Sentences of results that are also stored as texts: the reasons of a verdict, and why loads are not alike. */
const REASONS = /^(?!conclusion|search|capacity)/;

const OWN: Sentences = {
  ...runsZhCn,
  ...requestsZhCn,
  ...changesZhCn,
  ...plansZhCn,
  ...criteriaZhCn,
  ...optionsZhCn,
  ...driversZhCn,
  ...serversZhCn,
  ...databasesZhCn,
  ...agentsZhCn,
  ...yamlZhCn,
};
let sentences: readonly Form[] | undefined;
let phrases: readonly Form[] | undefined;
let looksLeft = 0;

/**
 * What was said in English, in the language of the reader. Results, checks and refusals hold the sentences themselves, and they come
 * from other processes and from runs of the past: so a sentence is known by its form, and what stands in its places stays as it is,
 * as does a text of somebody else.
 */
export function spokenIn(text: string, lang: Lang): string {
  if (lang === 'en' || text === '' || text.length > MAX_CHARACTERS) return text;
  looksLeft = MAX_LOOKS;
  return known(text) ?? text;
}

/** @param separators how many of {@link BETWEEN} the text cannot have */
function known(text: string, separators = 0): string | undefined {
  const parts = together(text, separators);
  // What stands at the end of a sentence may be any text, and so be taken for several sentences only when all of them are ours.
  if (parts?.isWhole) return parts.told;
  return oneSentence(text) ?? placed(text) ?? parts?.told;
}

/** @param between stands in none of its parts */
function oneSentence(text: string, between?: string): string | undefined {
  if (looksLeft-- <= 0) return undefined;
  sentences ??= formsOf({ ...ofResults(), ...OWN });
  const told = toldBy(sentences, text, between) ?? levelText(text, phrase);
  if (told !== undefined || text.endsWith('.')) return told;
  // Within another sentence it has no full stop.
  return toldBy(sentences, `${text}.`, between)?.replace(/。$/, '');
}

function toldBy(forms: readonly Form[], text: string, between?: string): string | undefined {
  for (const form of forms) {
    const parts = form.partsOf(text);
    if (parts === undefined) continue;
    if (between !== undefined && [...parts.values()].some((part) => part.includes(between))) continue;
    const { chinese } = form;
    return chinese.replaceAll(PLACE, (place, name: string, how: string | undefined, at: number) => {
      const told = partIn(parts.get(name) ?? '', how);
      const before = HAN.test(chinese.charAt(at - 1)) && /^\w/.test(told) ? ' ' : '';
      const after = HAN.test(chinese.charAt(at + place.length)) && /\w$/.test(told) ? ' ' : '';
      return `${before}${told}${after}`;
    });
  }
  return undefined;
}

function partIn(part: string, how: string | undefined): string {
  if (how === 'list') return NAMES.test(part) ? part.replaceAll(/, | and /g, '、') : part;
  return how !== undefined && SPOKEN.has(how) ? phrase(part) : part;
}

function placed(text: string): string | undefined {
  const [, place, problem = ''] = PLACED.exec(text) ?? [];
  const told = place === undefined ? undefined : known(problem);
  return told === undefined ? undefined : `${place}：${told}`;
}

/** Several sentences, each as long as it can be. Undefined when none of them is known. */
function together(text: string, separators: number): { told: string; isWhole: boolean } | undefined {
  for (const [i, [between, chinese]] of BETWEEN.entries()) {
    const pieces = i < separators ? [] : text.split(between);
    if (pieces.length < 2 || pieces.length > MAX_PARTS) continue;
    const told: (string | undefined)[] = [];
    const shown: string[] = [];
    for (let from = 0; from < pieces.length; ) {
      const { sentence, to } = longest(pieces, from, between, i + 1);
      told.push(sentence);
      const piece = sentence ?? (pieces[from] as string);
      shown.push(to < pieces.length ? piece.replace(/。$/, '') : piece);
      from = to;
    }
    if (told.every((sentence) => sentence === undefined)) continue;
    return { told: shown.join(chinese).replaceAll('？。', '？'), isWhole: !told.includes(undefined) };
  }
  return undefined;
}

function longest(pieces: readonly string[], from: number, between: string, separators: number) {
  for (let to = pieces.length; to > from + 1; to--) {
    if (to - from === pieces.length) continue;
    const sentence = oneSentence(pieces.slice(from, to).join(between), between);
    if (sentence !== undefined) return { sentence, to };
  }
  return { sentence: known(pieces[from] as string, separators), to: from + 1 };
}

/** A part of a sentence: a sentence itself, or a few words, or several of these. */
function phrase(text: string): string {
  phrases ??= formsOf(phrasesZhCn);
  const told = known(text) ?? toldBy(phrases, text);
  const alternatives = text.split(OR);
  if (told !== undefined || alternatives.length > MAX_PARTS) return told ?? text;
  const shown: string[] = [];
  let isOurs = false;
  for (let from = 0, to = alternatives.length; from < alternatives.length; to--) {
    const alternative = alternatives.slice(from, to).join(OR);
    const known = toldBy(phrases, alternative);
    if (known === undefined && to > from + 1) continue;
    isOurs ||= known !== undefined;
    shown.push(known ?? alternative);
    from = to;
    to = alternatives.length + 1;
  }
  // What others say may have an "or" of its own.
  return isOurs ? shown.join('或') : text;
}

function ofResults(): Sentences {
  const ids = (Object.keys(en) as (keyof typeof en)[]).filter((id) => REASONS.test(id) && !/^\{[^}]*\}$/.test(en[id]));
  return Object.fromEntries(ids.map((id) => [en[id], zhCn[id]]));
}

/** The most particular first. */
function formsOf(written: Sentences): readonly Form[] {
  const forms = Object.entries(written).map(([english, chinese]) => new Form(english, chinese));
  return forms.sort((a, b) => b.weight - a.weight);
}
