import t from 'tap';
import { parsedAddress, parsedTarget } from '../../../plugins/milvus/address.ts';

const ADDRESSES: readonly [address: string, secure: boolean, reached: string][] = [
  ['localhost', false, 'http localhost 19530'],
  ['localhost:19531', false, 'http localhost 19531'],
  ['localhost:80', false, 'http localhost 80'],
  ['[::1]', false, 'http ::1 19530'],
  ['[::1]:80', false, 'http ::1 80'],
  ['http://milvus.example', false, 'http milvus.example 19530'],
  ['http://milvus.example:80/', false, 'http milvus.example 80'],
  ['milvus.example', true, 'https milvus.example 19530'],
  ['milvus.example:443', true, 'https milvus.example 443'],
  ['https://milvus.example', false, 'https milvus.example 443'],
  ['https://milvus.example:19530', false, 'https milvus.example 19530'],
];

t.test('the port of an address', async (t) => {
  for (const [address, secure, reached] of ADDRESSES) {
    const parsed = parsedAddress(address, secure);
    if (typeof parsed === 'string') throw new Error(parsed);
    t.equal(`${parsed.secure ? 'https' : 'http'} ${parsed.host} ${parsed.port}`, reached, address);
  }
  for (const account of ['me', 'me:secret', ':secret']) {
    t.match(parsedAddress(`http://${account}@localhost`, false), /: give it as token, user:password, instead$/);
  }
  t.equal(parsedAddress('localhost:port', false), 'is not a URL: write it like http://127.0.0.1:5002');
});

t.test('the port of a target', async (t) => {
  t.match(parsedTarget('http://127.0.0.1', 'milvus'), {
    url: 'http://127.0.0.1:19530',
    port: 19_530,
    authority: '127.0.0.1:19530',
  });
  t.equal(parsedTarget('http://127.0.0.1:80', 'milvus').port, 80);
  t.equal(parsedTarget('https://milvus.example', 'milvus').port, 443);
  t.throws(() => parsedTarget('', 'milvus'), { message: /needs a target/ });
  t.throws(() => parsedTarget('http://127.0.0.1?a=b', 'milvus'), { message: /contains a query/ });
});
