import t from 'tap';
import { randomStream } from '../../../../core/plan/random.ts';
import { formBody, jsonBody, multipartBody, plainBody } from '../../../../plugins/http/script/request-body.ts';

const text = (bytes: string) => Buffer.from(bytes, 'latin1').toString('utf8');

t.test('JSON, with integers of any size', async (t) => {
  t.same(jsonBody({ item: 7, name: 'café' }), {
    text: Buffer.from('{"item":7,"name":"café"}').toString('latin1'),
    contentType: 'application/json',
  });
  t.equal(jsonBody({ id: 9007199254740993n, list: [1n] }).text, '{"id":9007199254740993,"list":[1]}');
  t.equal(jsonBody(null).text, 'null');
});

t.test('JSON that cannot be written', async (t) => {
  const circle: Record<string, unknown> = { id: 1n };
  circle.self = circle;
  t.throws(() => jsonBody(circle), { message: 'json cannot be written: it contains itself' });
  t.throws(() => jsonBody(Promise.resolve({})), { message: 'json cannot be written: it is a promise, await it first' });
  t.throws(() => jsonBody(() => {}), { message: 'json cannot be written: it is function' });
  t.throws(
    () =>
      jsonBody({
        toJSON: () => {
          throw new Error('no');
        },
      }),
    { message: 'json cannot be written: no' },
  );
});

t.test('text and bytes', async (t) => {
  t.equal(text(plainBody('日本').text), '日本');
  t.equal(plainBody('a').contentType, 'text/plain');
  t.same(plainBody(new Uint8Array([0, 255, 10])), { text: '\u0000ÿ\n', contentType: 'application/octet-stream' });
  t.throws(() => plainBody({ item: 7 } as never), { message: /send other values as json/ });
});

t.test('a form, as browsers write it', async (t) => {
  const form = { user: 'a b', tag: ['x&y', 'é'], none: undefined, count: 3 };
  t.equal(formBody(form).text, 'user=a+b&tag=x%26y&tag=%C3%A9&count=3');
  t.throws(() => formBody({ user: null } as never), { message: 'form.user is null: leave the field out' });
});

t.test('multipart, which a parser reads back', async (t) => {
  const random = randomStream(1, 1);
  const { text, contentType } = multipartBody(
    {
      title: 'Ünë "quoted"',
      file: { content: new Uint8Array([0, 1, 255]), filename: 'a".png', contentType: 'image/png' },
      log: [{ content: 'one', filename: 'log' }, 'two'],
    },
    random,
  );
  const body = Buffer.from(text, 'latin1');
  const form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
  t.equal(form.get('title'), 'Ünë "quoted"');
  const file = form.get('file') as File;
  t.equal(file.type, 'image/png');
  t.same(new Uint8Array(await file.arrayBuffer()), new Uint8Array([0, 1, 255]));
  const [log, two] = form.getAll('log');
  t.equal((log as File).type, 'application/octet-stream');
  t.equal(two, 'two');
  t.equal(multipartBody({ a: 'b' }, randomStream(1, 1)).text, multipartBody({ a: 'b' }, randomStream(1, 1)).text);
});

t.test('a part that cannot be', async (t) => {
  const random = randomStream(1, 1);
  t.throws(() => multipartBody({ a: { content: 5 } } as never, random), {
    message: /multipart\.a\.content is neither/,
  });
  t.throws(() => multipartBody({ a: { content: 'x', contentType: 'text\r\nX: y' } }, random), {
    message: /multipart\.a\.contentType is no content type/,
  });
});
