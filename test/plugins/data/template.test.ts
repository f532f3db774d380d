// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of the driver's own templates
import t from 'tap';
import { randomStream } from '../../../core/plan/random.ts';
import { compileTemplate, parseTemplate, type TemplateScope, type Text } from '../../../plugins/data/template.ts';

const scope = (random = randomStream(1, 0)): TemplateScope => ({
  vu: 3,
  iteration: 0,
  runId: 'run1',
  random,
  variables: new Map(),
  rows: [['Zoë', 'a "b"']],
});

function compiled(text: string, escaped = (value: string) => value): Text {
  const template = parseTemplate(text);
  if (typeof template === 'string') throw new Error(template);
  return compileTemplate(template, escaped, (_set, column) => ({ set: 0, column: column === 'name' ? 0 : 1 }));
}

function rendered(text: string, given = scope()): string {
  const made = compiled(text);
  return typeof made === 'string' ? made : made(given);
}

t.test('placeholders', async (t) => {
  t.equal(rendered('/${vu}/${ iteration }/${runId}'), '/3/0/run1');
  t.equal(rendered('<${users.quote}>'), '<a "b">');
  t.match(rendered('${uuid}'), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  t.match(rendered('${randomText(12)}'), /^[a-z0-9]{12}$/);
});

t.test('what is no placeholder stays', async (t) => {
  for (const text of ['', 'plain', '{"a":{}}', '$5', '{vu}', 'a$']) t.equal(compiled(text), text, 'a constant');
  t.equal(rendered('$${vu} ${vu}'), '${vu} 3');
});

t.test('a reference stands for a value that is put in its place, escaped as any value', async (t) => {
  const template = parseTemplate('a ${env:KEY} $${env:KEY}');
  t.same(template, ['a ', { kind: 'reference', text: '${env:KEY}' }, ' ', '$${env:KEY}']);
  const filled = [{ kind: 'reference' as const, text: 'Zoë ${vu}' }];
  const none = () => ({ set: 0, column: 0 });
  t.equal(compileTemplate(filled, encodeURIComponent, none), 'Zo%C3%AB%20%24%7Bvu%7D');
});

t.test('random numbers are within their bounds, and reach them', async (t) => {
  const given = scope();
  const dice = new Set(Array.from({ length: 300 }, () => rendered('${random(1, 6)}', given)));
  t.strictSame([...dice].sort(), ['1', '2', '3', '4', '5', '6']);
  const shares = Array.from({ length: 1000 }, () => rendered('${random(-0.1, 0.1, 1)}', given));
  t.strictSame([...new Set(shares)].sort(), ['-0.1', '0.0', '0.1']);
});

t.test('the same stream gives the same text', async (t) => {
  const text = '${uuid} ${random(0, 1000, 2)} ${randomText(5)}';
  t.equal(rendered(text, scope(randomStream(9, 1))), rendered(text, scope(randomStream(9, 1))));
  t.not(rendered(text, scope(randomStream(9, 1))), rendered(text, scope(randomStream(9, 2))));
});

t.test('traces of a run have ids of their own, and a share of them is to be recorded', async (t) => {
  const of = (text: string, runId: string, count: number) => {
    const given = { ...scope(), runId };
    return Array.from({ length: count }, () => rendered(text, given));
  };
  const FORM = /^00-([0-9a-f]{16})(?!0{16})[0-9a-f]{16}-(?!0{16})[0-9a-f]{16}-(00|01)$/;
  const all = of('${traceparent}', 'run1', 500);
  for (const one of all) t.match(one, FORM);
  t.equal(new Set(all.map((one) => one.slice(3, 35))).size, 500);
  t.ok(all.every((one) => one.endsWith('-01')));
  t.equal(new Set(all.map((one) => one.slice(3, 19))).size, 1);
  const [other = ''] = of('${traceparent}', 'run2', 1);
  t.not(other.slice(3, 35), all[0]?.slice(3, 35), 'another run with the same seed has other ids');
  const recorded = of('${traceparent( 0.1 )}', 'run1', 2000).filter((one) => one.endsWith('-01')).length;
  t.ok(recorded > 120 && recorded < 280, `${recorded} of 2000`);
  t.equal(of('${traceparent(0)}', 'run1', 100).filter((one) => one.endsWith('-01')).length, 0);
  for (const wrong of ['2', '1.5', '-0.1', '1%']) {
    t.match(parseTemplate(`\${traceparent(${wrong})}`), /unknown placeholder/, wrong);
  }
});

t.test('a character for each byte', async (t) => {
  t.equal(rendered('é${users.name}'), Buffer.from('éZoë').toString('latin1'));
  t.equal(compiled('aé'), 'a\xc3\xa9');
  const escaped = compiled('${users.name}', encodeURIComponent);
  t.equal(typeof escaped === 'function' && escaped(scope()), 'Zo%C3%AB');
});

t.test('a name that is almost one of a placeholder is a variable', (t) => {
  for (const name of ['id', 'x', 'uid', 'vus'])
    t.strictSame(parseTemplate(`\${${name}}`), [{ kind: 'variable', name }]);
  t.end();
});

t.test('what is wrong is told', async (t) => {
  const cases: [text: string, problem: RegExp][] = [
    ['${}', /unknown placeholder \$\{\}/],
    ['${itera tion}', /did you mean \$\{iteration\}\?/],
    ['${x y z}', /known: vu, iteration, runId, uuid, random\(least, most\)/],
    ['${random(6, 1)}', /the least value must not be above the most/],
    ['${random(0.4, 0.6)}', /say how many decimals its values have, such as \$\{random\(0\.4, 0\.6, 1\)\}$/],
    ['${random(-0.25, 4.50, 1)}', /such as \$\{random\(-0\.25, 4\.5, 2\)\}$/],
    ['${random(0.12345678901, 1)}', /at most nine decimals$/],
    ['${random(0, 1, 12)}', /unknown placeholder/],
    ['${random(0, 10000000000)}', /more than 2\^32/],
  ];
  for (const [text, problem] of cases) t.match(parseTemplate(text), problem, text);
});
