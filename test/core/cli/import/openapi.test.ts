import t from 'tap';
import { importOpenapi } from '../../../../core/cli/import/openapi/openapi.ts';
import { imported } from './imported.ts';

t.test('OpenAPI: lists, maps and other servers go as the document says', async (t) => {
  const parameter = (name: string, example: unknown, more: object = {}) => {
    return { name, in: 'query', required: true, example, ...more };
  };
  const parameters = [
    parameter('a', [1, 'b&c']),
    parameter('d', ['e', 'f,g'], { explode: false }),
    parameter('h', ['i', 'j'], { style: 'pipeDelimited', explode: false }),
    parameter('k', ['l', 'm'], { style: 'spaceDelimited', explode: false }),
    parameter('n', { o: 1, p: 'q r' }),
    parameter('s', { t: 1, u: 2 }, { style: 'deepObject' }),
    parameter('v', { w: 1, x: 2 }, { explode: false }),
    parameter('y', undefined, { content: { 'application/json': { example: { z: 1 } } } }),
    { name: 'ids', in: 'path', required: true, example: [1, 'a/b'] },
  ];
  const post = (type: string, example: unknown) => ({ post: { requestBody: { content: { [type]: { example } } } } });
  const paths = {
    '/list/{ids}': { get: { parameters } },
    '/form': post('application/x-www-form-urlencoded', { a: ['1', '2'], b: 'c' }),
    '/xml': post('application/xml', { a: 1 }),
    '/text': post('text/plain', 'b'),
    '/bytes': { post: { requestBody: { content: { 'image/png': {} } } } },
  };
  const read = async (document: object) =>
    imported(importOpenapi(JSON.stringify({ openapi: '3.1.0', ...document }), 'x', true));
  const { options, head } = await read({ paths });
  t.match(options.operations, {
    'GET /list/{ids}': {
      path: '/list/1,a%2Fb?a=1&a=b%26c&d=e,f%2Cg&h=i%7Cj&k=l%20m&o=1&p=q%20r&s%5Bt%5D=1&s%5Bu%5D=2&v=w,1,x,2&y=%7B%22z%22%3A1%7D',
    },
    'POST /form': { body: { form: { a: ['1', '2'], b: 'c' } } },
    'POST /text': { body: 'b' },
  });
  t.notOk('body' in (options.operations['POST /xml'] ?? {}));
  t.notOk('body' in (options.operations['POST /bytes'] ?? {}));
  t.match(
    head,
    /^POST \/xml takes application\/xml, of which the document has no text as an example: give it a body\.$/m,
  );

  const servers = (url: string) => ({ servers: [{ url }] });
  const placed = await read({
    ...servers('https://h.test/v1'),
    paths: {
      '/a': { ...servers('/v2'), get: {} },
      '/b': { get: {} },
      '/c': { get: servers('https://h.test/v3/') },
      '/d': { get: servers('https://files.test') },
    },
  });
  t.equal(placed.input.target, 'https://h.test');
  const sent = Object.values(placed.options.operations).map((operation) => (operation as { path: string }).path);
  t.strictSame(sent, ['/v2/a', '/v1/b', '/v3/c']);
  t.match(placed.head, /^ {2}https:\/\/files\.test: 1$/m);
});
