// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of the driver's own templates
import t, { type Test } from 'tap';
import { randomStream } from '../../../../core/plan/random.ts';
import type { TemplateScope, Text } from '../../../../plugins/data/template.ts';
import { bodySchema, templatesOfBody } from '../../../../plugins/http/body/body-schema.ts';
import { compileBody, type RequestBody } from '../../../../plugins/http/body/request-body.ts';

const scope = (vu = 3, iteration = 0): TemplateScope => ({
  vu,
  iteration,
  runId: 'run1',
  random: randomStream(1, 0),
  variables: new Map([['csrf', 'a+b&"c"\r\né']]),
  rows: [['Zoë']],
});

function compiled(body: unknown, baseDirectory = '/nowhere'): RequestBody {
  return compileBody(bodySchema.parse(body), {
    place: 'operations.a.body',
    baseDirectory,
    findColumn: () => ({ set: 0, column: 0 }),
  });
}

const made = (text: Text, given = scope()) => (typeof text === 'string' ? text : text(given));

async function formOf(body: RequestBody, given = scope()): Promise<unknown[]> {
  const headers = { 'content-type': made(body.contentType, given) };
  const form = await new Response(Buffer.from(made(body.text, given), 'latin1'), { headers }).formData();
  return Promise.all(
    [...form].map(async ([name, value]) =>
      typeof value === 'string' ? [name, value] : [name, value.name, value.type, await value.text()],
    ),
  );
}

t.test('a form: values are encoded, lists repeat their name, placeholders are values', async (t) => {
  const body = compiled({
    form: {
      user: '${users.name}',
      'tag name': ['a b', '${vu}', true, 1.5],
      csrf: '${csrf}',
      empty: '',
      both: 'é=${vu}&',
    },
  });
  t.equal(body.contentType, 'application/x-www-form-urlencoded');
  t.equal(
    made(body.text),
    'user=Zo%C3%AB&tag+name=a+b&tag+name=3&tag+name=true&tag+name=1.5&csrf=a%2Bb%26%22c%22%0D%0A%C3%A9&empty=&both=%C3%A9%3D3%26',
  );
  t.equal(compiled({ form: { a: 'x y' } }).text, 'a=x+y', 'a constant form is a constant');
});

t.test('multipart: fields, files, types and names', async (t) => {
  const folder = t.testdir({ 'photo.png': Buffer.from([1, 2]), 'note.txt': 'Dear ${users.name} ${token}' });
  const body = compiled(
    {
      multipart: {
        title: 'n° ${vu}',
        tag: ['a', 'b'],
        meta: { json: { by: '${csrf}', n: '${vu}' } },
        photo: { file: 'photo.png', contentType: 'image/png', filename: '${users.name} "${vu}".png' },
        note: { file: 'note.txt', template: true },
        rows: { text: 'a;b\n${vu};1', filename: 'rows.csv', contentType: 'text/csv' },
      },
    },
    folder,
  );
  t.strictSame(await formOf(body), [
    ['title', 'n° 3'],
    ['tag', 'a'],
    ['tag', 'b'],
    ['meta', '{"by":"a+b&\\"c\\"\\r\\né","n":3}'],
    ['photo', 'Zoë "3".png', 'image/png', '\x01\x02'],
    ['note', 'note.txt', 'text/plain', 'Dear Zoë '],
    ['rows', 'rows.csv', 'text/csv', 'a;b\n3;1'],
  ]);
  t.strictSame(body.readsInFile, ['token'], 'variables of the file are told');
  t.not(made(body.contentType, scope(3, 1)), made(body.contentType, scope(3, 2)), 'each request has its own boundary');
  t.not(made(body.contentType, scope(1, 1)), made(body.contentType, scope(2, 1)));
});

t.test('a constant multipart body is a constant, and the same plan sends the same bytes', async (t) => {
  const folder = t.testdir({ 'a.bin': Buffer.from([0, 255, 13, 10, 45, 45]) });
  const body = { multipart: { a: { file: 'a.bin' }, b: 'x' } };
  const [first, second] = [compiled(body, folder), compiled(body, folder)];
  t.type(first.text, 'string');
  t.equal(first.text, second.text);
  t.match(first.contentType, /^multipart\/form-data; boundary=bench-[0-9a-f]{32}$/);
  t.ok(`${first.text}`.includes('Content-Type: application/octet-stream\r\n\r\n\x00\xff\r\n--\r\n--bench-'));
  t.not(compiled({ multipart: { b: 'y' } }).contentType, compiled({ multipart: { b: 'x' } }).contentType);
});

t.test('what the plan shows of templates', async (t) => {
  const names = (body: unknown) =>
    templatesOfBody(bodySchema.parse(body))
      .flat()
      .flatMap((part) => (typeof part === 'object' && part.kind === 'variable' ? [part.name] : []));
  t.strictSame(names({ form: { a: ['${x}', 'y'], b: '${z}' } }), ['x', 'z']);
  t.strictSame(names({ multipart: { a: { file: 'f', filename: '${x}' }, b: { json: ['${y}'] }, c: '${z}' } }), [
    'x',
    'y',
    'z',
  ]);
});

t.test('bodies that cannot be are refused, each with its place', async (t) => {
  const cases: [body: unknown, problem: RegExp][] = [
    [7, /^: must be text, not 7$/],
    [{}, /^: must have the key json, form, multipart or file, not \{\}: write text, /],
    [{ from: {} }, /^: must have the key json, form, multipart or file, not \{"from"/],
    [{ form: {}, json: 1 }, /^: unknown key "form"; /],
    [{ form: 'a=b' }, /^form: must be a map, not "a=b"/],
    [{ form: {} }, /^form: must contain at least one field$/],
    [{ form: { a: {} } }, /^form\.a: must be text, a number, true or false, or a list of these, not \{\}$/],
    [{ form: { a: null } }, /^form\.a: must be text, a number, true or false, or a list of these, not null$/],
    [{ form: { a: [] } }, /^form\.a: must not be empty$/],
    [{ form: { a: ['x', ['y']] } }, /^form\.a\.1: must be text, a number/],
    [{ form: { a: '${no pe}' } }, /^form\.a: unknown placeholder \$\{no pe\}/],
    [{ form: { '${vu}': 'a' } }, /^form\.\$\{vu\}: .*must not contain a placeholder/],
    [{ multipart: [] }, /^multipart: must be a map, not \[\]/],
    [{ multipart: {} }, /^multipart: must contain at least one field$/],
    [{ multipart: { a: {} } }, /^multipart\.a: must have the key text, json or file, not \{\}/],
    [{ multipart: { a: { file: '' } } }, /^multipart\.a\.file: must not be empty$/],
    [
      { multipart: { a: { file: 'x', filenam: 'y' } } },
      /^multipart\.a: unknown key "filenam"; did you mean "filename"\?/,
    ],
    [{ multipart: { a: { file: 'x', filename: '' } } }, /^multipart\.a\.filename: must not be empty$/],
    [
      { multipart: { a: { text: 'x', contentType: 'text' } } },
      /^multipart\.a\.contentType: must be a content type such as image\/png, not "text"$/,
    ],
    [
      { multipart: { a: { text: 'x', contentType: 'text/plain\r\nX: y' } } },
      /^multipart\.a\.contentType: must be a content type/,
    ],
    [{ multipart: { a: { text: 'x', template: true } } }, /^multipart\.a: unknown key "template"/],
    [{ file: 'a', template: 'yes' }, /^template: must be true or false, not "yes"$/],
  ];
  for (const [body, problem] of cases) {
    const issues = bodySchema.safeParse(body).error?.issues ?? [];
    t.equal(issues.length, 1, JSON.stringify(body));
    t.match(`${issues[0]?.path.join('.')}: ${issues[0]?.message}`, problem);
  }
});

t.test('files that cannot be read are told with their place', async (t) => {
  const refused = (t: Test, body: unknown, message: RegExp) => {
    const folder = t.testdir({
      'wrong.txt': 'a ${oo ps}',
      'secret.txt': '${env:KEY}',
      'latin1.txt': Buffer.from([233]),
    });
    t.throws(() => compiled(body, folder), { name: 'PluginError', message });
  };
  refused(t, { file: 'gone' }, /^operations\.a\.body\.file: .*gone cannot be read: no such file or directory$/);
  refused(
    t,
    { multipart: { photo: { file: 'gone' } } },
    /^operations\.a\.body\.multipart\.photo\.file: .*gone cannot be read: no such file or directory$/,
  );
  refused(t, { multipart: { p: { file: '.' } } }, /multipart\.p\.file: .* cannot be read: it is a folder$/);
  refused(
    t,
    { multipart: { p: { file: 'wrong.txt', template: true } } },
    /wrong\.txt: unknown placeholder \$\{oo ps\}/,
  );
  refused(t, { multipart: { p: { file: 'secret.txt', template: true } } }, /have values in the plan only/);
  refused(t, { file: 'latin1.txt', template: true }, /latin1\.txt, line 1 is not UTF-8 text/);
});
