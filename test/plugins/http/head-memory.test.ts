import t from 'tap';
import { HeadMemory } from '../../../plugins/http/head-memory.ts';
import { READ_COMPLETE, READ_MORE, ResponseReader } from '../../../plugins/http/response-reader.ts';

const bytes = Buffer.allocUnsafeSlow(4096);
const words = new Int32Array(bytes.buffer);

function answers(memory: HeadMemory, texts: readonly string[]): unknown[] {
  const reader = new ResponseReader();
  return texts.map((text) => {
    reader.expect({ bodyless: false, keepHead: true, keepNavigation: false, keepBody: true, memory });
    const state = reader.read(bytes, bytes.write(text, 'latin1'), words);
    const { head, body, headText } = reader;
    return state === READ_COMPLETE ? [head.status, head.keepAlive, headText.length, `${body}`] : [state];
  });
}

const head = (second: number, length: number, padding = '') =>
  `HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 09:08:${second} GMT\r\nX: ${padding}\r\nContent-Length: ${length}\r\n\r\n`;

t.test('what is recalled is what would be read', async (t) => {
  for (const padding of ['', 'a', 'ab', 'abc']) {
    const memory = new HeadMemory();
    const texts = [
      `${head(10, 3, padding)}abc`,
      `${head(10, 3, padding)}xyz`,
      `${head(10, 9, padding)}123456789`,
      `${head(11, 3, padding)}abc`,
      `${head(11, 3, padding)}def`,
      `HTTP/1.1 404 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno`,
      `${head(11, 3, padding)}abc`,
      'HTTP/1.1 204 N\r\n\r\n',
      'HTTP/1.1 204 N\r\n\r\n',
    ];
    const afresh = texts.map((text) => answers(new HeadMemory(), [text])[0]);
    t.strictSame(answers(memory, texts), afresh, `a head of ${head(10, 3, padding).length} bytes`);
  }
});

t.test('a body of another length after the same head', async (t) => {
  const memory = new HeadMemory();
  t.strictSame(answers(memory, [`${head(10, 5)}abcde`, `${head(10, 5)}ab`])[1], [READ_MORE]);
});

t.test('heads that are never the same are not remembered for ever', async (t) => {
  const memory = new HeadMemory();
  const texts = Array.from({ length: 100 }, (_, i) => `HTTP/1.1 200 OK\r\nX-Id: ${i}\r\nContent-Length: 0\r\n\r\n`);
  answers(memory, texts);
  t.equal(memory.length, 0);
});
