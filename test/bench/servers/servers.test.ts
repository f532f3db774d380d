import t from 'tap';
import fc from '../../kit/property.ts';
import { readStatus } from './nginx.ts';
import { startPlainServer } from './plain.ts';
import { RequestScan } from './request-scan.ts';
import { ANSWER, UPLOAD_PATH } from './server.ts';

t.test("nginx's status page is read", async (t) => {
  const page =
    'Active connections: 51 \nserver accepts handled requests\n 52 52 1234 \nReading: 0 Writing: 1 Waiting: 50 \n';
  t.same(readStatus(page), { served: 1234, connections: 51 });
  t.throws(() => readStatus('<html>404</html>'), { message: /cannot be read: <html>404/ });
});

t.test('requests are found wherever the bytes are split', async (t) => {
  const body = '{"a":"\\r\\n\\r\\n"}';
  const requests = [
    'GET /one HTTP/1.1\r\nHost: a\r\n\r\n',
    `POST /two HTTP/1.1\r\nHost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    'GET /three HTTP/1.1\r\n\r\n',
    `POST /four HTTP/1.1\r\nContent-Length:${body.length}\r\nHost: a\r\n\r\n${body}`,
  ];
  const bytes = Buffer.from(requests.join(''));
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
      const found: string[] = [];
      const scan = new RequestScan((path) => found.push(path));
      const ends = [...cuts.sort((a, b) => a - b), bytes.length];
      let start = 0;
      for (const end of ends) {
        scan.read(bytes.subarray(start, end));
        start = end;
      }
      return found.join() === '/one,/two,/three,/four';
    }),
  );
  t.pass();
});

t.test('the plain server answers, counts and notes the time between arrivals', async (t) => {
  const server = await startPlainServer();
  t.teardown(() => server.end());
  for (let i = 0; i < 3; i++) {
    const response = await fetch(`${server.url}${UPLOAD_PATH}`, { method: 'POST', body: '{}' });
    t.equal(await response.text(), ANSWER);
  }
  const { served, gaps } = await server.counters();
  t.equal(served, 3);
  t.equal(
    gaps.counts.reduce((sum, count) => sum + count, 0),
    2,
  );
});
