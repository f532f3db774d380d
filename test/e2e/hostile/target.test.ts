// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of plans
/** A target that means harm: compressed bombs, redirects to where nobody should go, floods of cookies and of headers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import zlib from 'node:zlib';
import t, { type Test } from 'tap';
import { parseMemory } from '../../bench/measure/process-tree.ts';
import { STEERS } from '../../kit/steers.ts';
import { ON_NODE, workbench } from '../bench-process.ts';
import { resultIn } from '../busy-host.ts';

t.setTimeout(600_000);

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(t: Pick<Test, 'teardown'>, answer: Answer) {
  const asked: { readonly url: string; readonly headers: IncomingMessage['headers'] }[] = [];
  const server = createServer({ maxHeaderSize: 1 << 20 }, (request, response) => {
    asked.push({ url: request.url ?? '', headers: request.headers });
    request.resume();
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

interface Case {
  readonly path: string;
  readonly [option: string]: unknown;
}

/** Sends each request a few times. @returns what became of it, by name */
async function load(
  t: Test,
  target: string,
  cases: Readonly<Record<string, Case>>,
  options: object = {},
  iterations = 2,
) {
  const { folder, start } = workbench(t, {}, ON_NODE);
  const plan = {
    name: 'Hostile target',
    target,
    drivers: { http: { options: { timeout: '10s', operations: cases, ...options } } },
    scenarios: {
      all: {
        executor: 'per-vu-iterations',
        vus: 3,
        iterations,
        onFailure: 'continue',
        flow: Object.keys(cases).map((operation) => ({ driver: 'http', operation })),
      },
    },
    reports: ['json', 'markdown', 'html'],
  };
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan));
  const bench = start(['run', 'plan.json', '--out', 'out'], { env: { TOKEN: 'a-secret-token' } });
  let peakBytes = 0;
  const timer = setInterval(() => {
    for (const pid of bench.family()) {
      try {
        peakBytes = Math.max(peakBytes, parseMemory(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmHWM'));
      } catch {
        // It has ended.
      }
    }
  }, 50);
  const ended = await bench.ended;
  clearInterval(timer);
  // A busy host may make the measurement invalid.
  t.ok([0, 99, 120].includes(ended.code ?? -1), `${ended.code}: ${ended.stderr}`);
  const result = resultIn(`${folder}/out`);
  const kinds = Object.fromEntries(
    result.operations.map(({ name, phases }) => [
      name,
      phases.measure.errorKinds.map(({ kind, example }) => `${kind}: ${example}`),
    ]),
  );
  const counts = Object.fromEntries(result.operations.map(({ name, phases }) => [name, phases.measure.requests]));
  const pages = Object.fromEntries(
    ['report.md', 'report.html', 'result.json'].map((name) => [name, readFileSync(`${folder}/out/${name}`, 'utf8')]),
  );
  return { kinds, counts, peakMb: peakBytes / 2 ** 20, pages, ...ended };
}

t.test('compressed bombs take no more memory than is said, and end as failures', async (t) => {
  const zeros = Buffer.alloc(64 << 20);
  const gzip = zlib.gzipSync(zeros, { level: 9 });
  const bombs: Record<string, [coding: string, body: Buffer]> = {
    gzip: ['gzip', gzip],
    brotli: ['br', zlib.brotliCompressSync(zeros, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } })],
    deflate: ['deflate', zlib.deflateSync(zeros, { level: 9 })],
    raw: ['deflate', zlib.deflateRawSync(zeros, { level: 9 })],
    twice: ['gzip, gzip', zlib.gzipSync(gzip, { level: 9 })],
    thrice: [
      'br, gzip, deflate',
      zlib.deflateSync(
        zlib.gzipSync(zlib.brotliCompressSync(zeros, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } })),
      ),
    ],
    many: [Array(50).fill('gzip').join(','), gzip],
    lie: ['br', gzip],
  };
  if ('zstdCompressSync' in zlib) bombs.zstd = ['zstd', zlib.zstdCompressSync(zeros)];
  const target = await serve(t, (request, response) => {
    const [coding, body] = bombs[(request.url ?? '').slice(1)] as [string, Buffer];
    response.setHeader('Content-Encoding', coding).end(body);
  });
  const cases = Object.fromEntries(
    Object.keys(bombs).map((name) => [name, { path: `/${name}`, checks: { body: { contains: 'x' } } }]),
  );
  const { kinds, peakMb, counts, stdout } = await load(t, target.url, cases, { acceptEncoding: ['gzip'] }, 1);
  for (const name of Object.keys(bombs)) {
    t.equal(counts[name], 3, name);
    const [kind = '', ...others] = kinds[name] ?? [];
    t.match(
      kind,
      /^decompression_failed: .*: the body cannot be decompressed: .*(expands it to more than the 16 MiB|has 50 content encodings|is not valid br)/,
      name,
    );
    t.same(others, [], name);
  }
  t.ok(peakMb < 500, `${peakMb.toFixed(0)} MB at the most`);
  t.match(stdout, /decompression_failed/);
});

t.test('redirects lead nowhere that the plan does not allow, and take no secrets along', async (t) => {
  const other = await serve(t, (_request, response) => response.end('other'));
  const allowed = await serve(t, (_request, response) => response.setHeader('Set-Cookie', 'theirs=1').end('allowed'));
  const long = `/${'a'.repeat(60_000)}`;
  const locations: Record<string, string> = {
    loop: '/loop',
    file: 'file:///etc/passwd',
    data: 'data:text/plain,x',
    script: 'javascript:alert(1)',
    ftp: 'ftp://127.0.0.1/x',
    port: `${other.url}/port`,
    slashes: `//${new URL(other.url).host}/slashes`,
    backslashes: `\\\\${new URL(other.url).host}\\x`,
    userinfo: `http://127.0.0.1@${new URL(other.url).host}/x`,
    escapes: '/\u001b[31m\u009b\u202e?token=leaked-in-location',
    bad: 'http://[::1',
    broken: 'http://a b/',
    empty: '',
    long,
    far: `${allowed.url}/far?x=1`,
    there: `${allowed.url}/there`,
    endless: '/endless/0',
  };
  const target = await serve(t, (request, response) => {
    const name = (request.url ?? '').split(/[/?]/)[1] ?? '';
    const step = Number(/\/endless\/(\d+)/.exec(request.url ?? '')?.[1] ?? -1);
    const location = step >= 0 ? `/endless/${step + 1}` : locations[name];
    if (location === undefined || (request.url ?? '').startsWith('/aaaa')) return void response.end('home');
    const bytes = Buffer.from(location, 'utf8').toString('latin1');
    const status = name === 'there' ? 307 : 302;
    response.socket?.end(
      `HTTP/1.1 ${status} Found\r\nConnection: close\r\nContent-Length: 0\r\nSet-Cookie: own=secret-cookie-value\r\nLocation: ${bytes}\r\n\r\n`,
    );
    return undefined;
  });
  const headers = {
    Authorization: 'Bearer ${env:TOKEN}',
    Cookie: 'plan=cookie-of-plan',
    'Proxy-Authorization': 'Basic abc',
  };
  const cases = Object.fromEntries(
    Object.keys(locations).map((name) => [
      name,
      { path: `/${name}`, headers, ...(name === 'there' && { method: 'POST', body: 'sent' }) },
    ]),
  );
  const { kinds, counts, pages, stdout, stderr } = await load(t, target.url, cases, {
    redirects: 5,
    redirectOrigins: [allowed.url],
    cookies: true,
  });
  t.same(other.asked, [], 'the origin that is not allowed hears nothing');
  t.equal(allowed.asked.length, 2 * 6);
  for (const { url, headers } of allowed.asked) {
    t.equal(headers.authorization, undefined, url);
    t.equal(headers['proxy-authorization'], undefined, url);
    // A cookie knows no port, so that of the same host goes along.
    t.notMatch(headers.cookie ?? '', /plan/, url);
  }
  const expected: Record<string, RegExp> = {
    loop: /^redirect_loop: /,
    file: /^redirect_refused: .*not an address of HTTP/,
    data: /^redirect_refused: /,
    script: /^redirect_refused: /,
    ftp: /^redirect_refused: /,
    port: /^redirect_refused: .*to another origin, .*: allow it with redirectOrigins/,
    slashes: /^redirect_refused: .*another origin/,
    backslashes: /^redirect_refused: .*another origin/,
    userinfo: /^redirect_refused: .*another origin/,
    bad: /^redirect_refused: .*is none/,
    broken: /^redirect_refused: /,
    endless: /^too_many_redirects: .*more than 5 redirects/,
  };
  for (const [name, kind] of Object.entries(expected)) t.match(kinds[name]?.[0] ?? '', kind, name);
  for (const name of ['far', 'there']) t.same(kinds[name], [], name);
  t.ok(
    Object.values(counts).every((count) => count === 6),
    JSON.stringify(counts),
  );
  for (const [name, text] of Object.entries({ ...pages, stdout, stderr })) {
    t.notMatch(text, /a-secret-token|secret-cookie-value/, `no secret is told in ${name}`);
    t.notOk(STEERS.test(text), `${name} steers no terminal`);
  }
});

t.test('floods of cookies, of headers and of interim answers are bounded', async (t) => {
  const cookies = (n: number, size: number) =>
    Array.from({ length: n }, (_, i) => `c${i}-${Math.random()}=${'v'.repeat(size)}`);
  const target = await serve(t, (request, response) => {
    const { socket } = response;
    switch (request.url) {
      case '/many':
        return void response.setHeader('Set-Cookie', cookies(500, 50)).end('ok');
      case '/large':
        return void response.setHeader('Set-Cookie', cookies(10, 5000)).end('ok');
      case '/head':
        return void socket?.end(`HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(100_000)}\r\n`);
      case '/line':
        return void socket?.end(`HTTP/1.1 200 OK\r\nX-A: ${'b'.repeat(1_000_000)}\r\n\r\n`);
      case '/interim': {
        let left = 200_000;
        const more = () => {
          while (left-- > 0 && !socket?.destroyed)
            if (!socket?.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'))
              return void socket?.once('drain', more);
          socket?.end('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok');
        };
        return more();
      }
      case '/chunks': {
        socket?.write('HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n');
        let left = 1000;
        const more = () => {
          while (left-- > 0 && !socket?.destroyed)
            if (!socket?.write('1;ext="x"\r\nx\r\n'.repeat(500))) return void socket?.once('drain', more);
          socket?.end(`0\r\n${'T: v\r\n'.repeat(1000)}\r\n`);
        };
        return more();
      }
      default:
        return void response.end('ok');
    }
  });
  const names = ['many', 'large', 'head', 'line', 'interim', 'chunks', 'after'];
  const cases = Object.fromEntries(
    names.map((name) => [name, { path: `/${name}`, checks: { body: { contains: name === 'chunks' ? 'x' : 'ok' } } }]),
  );
  const { kinds, peakMb, counts } = await load(t, target.url, cases, { cookies: true });
  t.ok(
    Object.values(counts).every((count) => count === 6),
    JSON.stringify(counts),
  );
  t.match(kinds.head?.[0] ?? '', /^header_too_large: /);
  t.match(kinds.line?.[0] ?? '', /^header_too_large: /);
  t.match(kinds.interim?.[0] ?? '', /^protocol_error: .*more than 100 interim ones/);
  for (const name of ['many', 'large', 'chunks']) t.same(kinds[name], [], `${name} is borne`);
  t.same(kinds.after, [], 'what comes after works');
  const longest = Math.max(...target.asked.map(({ headers }) => (headers.cookie ?? '').length));
  // Some are kept, and of a hundred and eighty cookies, or of 32 KiB, no more.
  t.ok(longest > 4_000 && longest < 34_000, `${longest} bytes of cookies are sent at the most`);
  t.ok(peakMb < 500, `${peakMb.toFixed(0)} MB at the most`);
});
