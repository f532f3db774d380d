import t from 'tap';
import {
  isAbsolute,
  sentPath,
  splitUrl,
  withoutQuery,
  withQuery,
} from '../../../../plugins/http/script/request-url.ts';

t.test('a path is sent as it stands, and encoded where it cannot be', async (t) => {
  t.equal(sentPath('/items?page=1&q="a"'), '/items?page=1&q="a"');
  t.equal(sentPath('/café/a b?q=日本'), '/caf%C3%A9/a%20b?q=%E6%97%A5%E6%9C%AC');
  t.equal(sentPath('/items#top'), '/items');
  t.equal(sentPath('/a b#c d'), '/a%20b');
});

t.test('a URL that is none is refused', async (t) => {
  t.throws(() => sentPath('items'), { message: 'a URL begins with / or with http:// or https://' });
  t.throws(() => sentPath(''), { message: /begins with/ });
  t.throws(() => sentPath('/a\r\nHost: evil'), { message: /line break/ });
  t.throws(() => sentPath('/\ud800'), { message: /half a character/ });
});

t.test('a whole URL is cut in two', async (t) => {
  t.ok(isAbsolute('https://shop.example/items'));
  t.ok(isAbsolute('HTTP://shop.example'));
  t.notOk(isAbsolute('/items?next=http://shop.example'));
  t.notOk(isAbsolute('ftp://shop.example'));
  t.same(splitUrl('http://shop.example:8080/items?page=2'), {
    origin: 'http://shop.example:8080',
    path: '/items?page=2',
  });
  t.same(splitUrl('http://shop.example'), { origin: 'http://shop.example', path: '/' });
  t.same(splitUrl('http://shop.example?page=2'), { origin: 'http://shop.example', path: '/?page=2' });
  t.same(splitUrl('http://[::1]:80/a//b'), { origin: 'http://[::1]:80', path: '/a//b' });
});

t.test('parameters are appended', async (t) => {
  t.equal(withQuery('/items', { page: 1, tag: ['a b', 'c&d'], none: undefined }), '/items?page=1&tag=a%20b&tag=c%26d');
  t.equal(withQuery('/items?sort=up', { big: 2n ** 60n, on: true }), '/items?sort=up&big=1152921504606846976&on=true');
  t.equal(withQuery('/items', {}), '/items');
  t.throws(() => withQuery('/items', { q: '\ud800' }), { message: /half a character/ });
  t.equal(withoutQuery('/items?page=1?'), '/items');
});
