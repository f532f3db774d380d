import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { CATALOGUES, LANGUAGES, renderMessage } from '../../../core/verdict/messages/message.ts';

/** English alone has one form for one and another one for several. */
const COUNTS = /:(?:requests|passes|[aA]llRequests)\}/g;

/** `{name:form}` of a sentence, sorted; the form too, so that both languages show a figure in the same unit. */
function parameters(template: string): string[] {
  return [...new Set(template.replaceAll(COUNTS, ':count}').match(/\{\w+(?::\w+)?\}/g))].sort();
}

t.test('no catalogue lacks a sentence, or a figure of it', async (t) => {
  const { en } = CATALOGUES;
  for (const lang of LANGUAGES) {
    t.strictSame(Object.keys(CATALOGUES[lang]).sort(), Object.keys(en).sort(), lang);
    for (const [id, template] of Object.entries(CATALOGUES[lang])) {
      t.strictSame(parameters(template), parameters(en[id as keyof typeof en]), `${lang} ${id}`);
      t.notMatch(template.replaceAll(/\{\w+(?::\w+)?\}/g, ''), /[{}]/, `${lang} ${id}: every brace is a parameter`);
    }
  }
});

t.test('every id that the code gives is there', async (t) => {
  const root = new URL('../../../core/verdict/', import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.ts$/.test(name));
  const sources = files
    .filter((name) => !name.startsWith('messages'))
    .map((name) => readFileSync(new URL(name, root), 'utf8'));
  const given = sources.flatMap((source) =>
    [...source.matchAll(/id: '([\w-]+\.[\w-]+)'/g)].map(([, id]) => id as string),
  );
  t.ok(given.length > 15);
  for (const id of given) t.ok(id in CATALOGUES.en, id);
});

t.test('forms', async (t) => {
  const params = { operation: 'a{b}$&', p50Us: 50_123, meanUs: 52_790, p95Us: 73_000, p99Us: 1_234_567 };
  t.equal(
    renderMessage({ id: 'conclusion.response-time', params }, 'en'),
    'a{b}$&: median 50.1 ms, average 52.8 ms, p95 73 ms, p99 1235 ms.',
  );
  const kinds = ['a', 'b', 'c'];
  const failures = { id: 'conclusion.all-failed', params: { requests: 12_345, kinds } };
  t.equal(renderMessage(failures, 'en'), 'All 12,345 requests failed, most often with a, b and c.');
  t.equal(renderMessage(failures, 'zh-CN'), '12,345 个请求全部失败，最常见的是 a、b、c。');
});

t.test('one is no several', async (t) => {
  const all = (id: string, requests: number) => renderMessage({ id, params: { requests, kinds: 'a' } }, 'en');
  t.equal(all('conclusion.no-failures', 1), 'The only request succeeded.');
  t.equal(all('conclusion.all-failed', 1), 'The only request failed, most often with a.');
  t.equal(all('conclusion.no-failures', 2000), 'All 2000 requests succeeded.');
  t.equal(all('samples.ok', 1), '1 request measured.');
  const said = (vus: number, lang: 'en' | 'zh-CN') =>
    renderMessage({ id: 'conclusion.overall-met', params: { vus, criteria: 2 } }, lang);
  t.equal(said(1, 'en'), 'With 1 virtual user the target passes all criteria (2).');
  t.equal(said(12_000, 'en'), 'With 12,000 virtual users the target passes all criteria (2).');
  t.equal(said(1, 'zh-CN'), '在 1 个虚拟用户的压力下，被测系统满足全部 2 项指标。');
});

t.test('a sentence of a newer version still tells something', async (t) => {
  t.equal(renderMessage({ id: 'later.on', params: { n: 3 } }, 'zh-CN'), 'later.on {"n":3}');
});

t.test('an id or a parameter that every object has is none of ours', async (t) => {
  for (const id of ['constructor', '__proto__', 'toString']) {
    t.equal(renderMessage({ id, params: { a: 1 } }, 'en'), `${id} {"a":1}`);
  }
  t.notMatch(renderMessage({ id: 'conclusion.response-time', params: {} }, 'en'), /function|\[object/);
});
