import { readFileSync } from 'node:fs';
import t from 'tap';
import { BenchmarkError } from '../benchmark-error.ts';
import type { GeneratorReport, HttpLoad } from './peer.ts';
import { peers } from './peers.ts';

/** What each peer printed at the end of a real run. */
const SAMPLES: Readonly<Record<string, readonly [file: string, report: GeneratorReport]>> = {
  wrk: ['wrk.txt', { requests: 152_239, failures: 0, p50Us: 333, p99Us: 5620 }],
  oha: ['oha.json', { requests: 74_993, failures: 0, p50Us: 275.22, p99Us: 17_373.692 }],
  autocannon: ['autocannon.json', { requests: 70_805, failures: 0, p50Us: 0, p99Us: 6000 }],
  h2load: ['h2load.txt', { requests: 93_989, failures: 0, p50Us: undefined, p99Us: undefined }],
  hey: ['hey.txt', { requests: 55_434, failures: 0, p50Us: 1500, p99Us: 6800 }],
  k6: ['k6.json', { requests: 9603, failures: 0, p50Us: 6069.158, p99Us: 180_448.55698 }],
  locust: ['locust.json', { requests: 10_361, failures: 0, p50Us: 7000, p99Us: 66_000 }],
};

function sample(file: string): string {
  return readFileSync(new URL(`./samples/${file}`, import.meta.url), 'utf8');
}

function peer(program: string) {
  const found = peers.find((one) => one.program === program);
  if (found === undefined) throw new Error(`there is no peer ${program}`);
  return found;
}

t.test("every peer's output is read", async (t) => {
  t.same(peers.map(({ program }) => program).sort(), Object.keys(SAMPLES).sort());
  for (const [program, [file, report]] of Object.entries(SAMPLES)) {
    const read = peer(program).read(sample(file));
    for (const [name, expected] of Object.entries(report)) {
      const actual = read[name as keyof GeneratorReport];
      if (expected === undefined) t.equal(actual, undefined, `${program}: ${name}`);
      else t.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-6, `${program}: ${name} is ${actual}`);
    }
  }
});

t.test('failed requests are found in what each peer prints', async (t) => {
  const changes: [program: string, text: string, changed: string, failures: number][] = [
    [
      'wrk',
      'Requests/sec',
      '  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 5\nRequests/sec',
      15,
    ],
    ['oha', '"200": 74993', '"200": 74000, "500": 3', 3],
    ['oha', '"aborted due to deadline": 50', '"aborted due to deadline": 50, "timeout": 2', 2],
    ['autocannon', '"non2xx": 0', '"non2xx": 4', 4],
    ['h2load', '0 failed', '6 failed', 6],
    [
      'hey',
      '[200]\t55434 responses',
      '[200]\t55434 responses\n  [503]\t8 responses\n\nError distribution:\n  [2]\tGet: EOF',
      10,
    ],
    ['k6', '"passes": 0', '"passes": 9', 9],
    ['locust', '"num_failures": 0', '"num_failures": 3', 3],
  ];
  for (const [program, text, changed, failures] of changes) {
    const before = sample((SAMPLES[program] as readonly [string, GeneratorReport])[0]);
    t.ok(before.includes(text), `${program}: the sample has ${text}`);
    t.equal(peer(program).read(before.replace(text, () => changed)).failures, failures, program);
  }
});

t.test('output that cannot be read is told, with its beginning', async (t) => {
  for (const { program, name, read } of peers) {
    if (program === 'hey') continue;
    t.throws(() => read('a new format'), BenchmarkError, name);
    t.throws(() => read('a new format'), { message: /a new format/ }, name);
    t.throws(() => read(''), { message: /printed nothing/ }, name);
  }
});

t.test('every peer is given the same work', async (t) => {
  const load: HttpLoad = {
    url: 'http://127.0.0.1:8080/api/test/upload',
    method: 'POST',
    body: '{"device_id":"d","test_data":42.5}',
    connections: 50,
    seconds: 4,
  };
  for (const { name, command } of peers) {
    const { args, files = {} } = command(load);
    const all = [...args, ...Object.values(files)].join('\n').replaceAll('\\"', '"');
    for (const part of ['127.0.0.1:8080', '/api/test/upload', '50', '4', load.body as string, 'application/json']) {
      t.ok(all.includes(part), `${name} is told ${part}`);
    }
    const get = command({ ...load, method: 'GET', body: undefined });
    const used = [
      ...get.args,
      ...Object.entries(get.files ?? {}).flatMap(([file, text]) => (get.args.includes(file) ? [text] : [])),
    ];
    t.notMatch(used.join('\n'), /test_data|undefined|-m POST|--data|--script/, `${name} sends no body with GET`);
  }
});
