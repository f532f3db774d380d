// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of the driver's own templates
import t from 'tap';
import { labelOf, requestPathSchema } from '../../../plugins/http/request-path.ts';

t.test('a path from the root', async (t) => {
  const path = requestPathSchema.parse('/größe/${vu}?a=b');
  t.equal(path.origin, undefined);
  t.strictSame(path.template, ['/gr%C3%B6%C3%9Fe/', { kind: 'vu' }, '?a=b']);
  t.equal(labelOf(path), '/gr%C3%B6%C3%9Fe/…?a=b');
});

t.test('a whole URL, whose host is apart', async (t) => {
  const cases: [url: string, host: string, port: number, path: string][] = [
    ['https://shop.test/items', 'shop.test', 443, '/items'],
    ['HTTPS://Shop.test', 'shop.test', 443, '/'],
    ['http://shop.test:81?a=b', 'shop.test', 81, '/?a=b'],
    ['http://[::1]:81/a', '::1', 81, '/a'],
  ];
  for (const [url, host, port, path] of cases) {
    const parsed = requestPathSchema.parse(url);
    t.match(parsed.origin, { host, port, basePath: '' }, url);
    t.strictSame(parsed.template, [path], url);
  }
  t.equal(labelOf(requestPathSchema.parse('https://shop.test/items/${vu}')), 'https://shop.test/items/…');
});

t.test('what is neither is refused in a sentence', async (t) => {
  const cases: [path: string, message: RegExp][] = [
    ['items', /^must begin with \/, or be a whole URL such as https:\/\/shop\.test\/items, not "items"$/],
    ['ftp://shop.test/', /^must begin with \//],
    ['${users.url}', /^the host must be the same for all requests/],
    ['https://${users.host}/items', /^the host must be the same for all requests/],
    ['https://shop.test:${vu}/', /^the host must be the same for all requests/],
    ['https://me:secret@shop.test/', /^contains a user name or password/],
    ['https:///items', /^is not a URL/],
    ['https://shop.test/a b', /^must not contain spaces or #/],
    ['/items#part', /^must not contain spaces or #/],
    ['https://shop.test#part', /^must not contain spaces or #/],
    ['https://shop.test/${oo ps}', /^unknown placeholder \$\{oo ps\}/],
  ];
  for (const [path, message] of cases) {
    const { error } = requestPathSchema.safeParse(path);
    t.match(error?.issues[0]?.message, message, path);
    t.notMatch(error?.issues[0]?.message, /secret/);
  }
});
