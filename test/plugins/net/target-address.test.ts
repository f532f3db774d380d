import t from 'tap';
import { targetAddress } from '../../../plugins/net/target-address.ts';

t.test('the parts of a target', async (t) => {
  t.match(targetAddress('http://h:8080/base/', 'x'), { host: 'h', port: 8080, authority: 'h:8080', basePath: '/base' });
  t.match(targetAddress('https://[::1]', 'x'), { host: '::1', isIp: true, port: 443, secure: true, basePath: '' });
});

t.test('what would not reach the server is refused, and no secret is repeated', async (t) => {
  const cases: [target: string, message: RegExp][] = [
    ['http://h/base?token=abc', /^target http:\/\/h\/base contains a query, which would be lost: write it in the path/],
    ['http://h?token=abc', /contains a query/],
    ['http://h/base#part', /contains a fragment/],
    ['http://abc@h/', /contains a user name or password/],
    ['http://:abc@h/', /contains a user name or password/],
    ['http://me:abc@h/?x', /contains a user name or password/],
    ['ftp://h/', /must begin with http/],
    ['h', /is not a URL/],
    ['', /needs a target/],
  ];
  for (const [target, message] of cases) {
    t.throws(() => targetAddress(target, 'x'), { name: 'PluginError', message });
    t.throws(() => targetAddress(target, 'x'), { message: /^(?!.*abc)/s });
  }
});
