import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { type Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { watchOutput } from '../../../core/cli/output.ts';

function failing(...codes: string[]): Writable {
  return new Writable({
    autoDestroy: false,
    write: (_chunk, _encoding, done) =>
      done(Object.assign(new Error(`${codes[0]}: no room, write`), { code: codes.shift() })),
  });
}

async function told(...codes: string[]) {
  const said: string[] = [];
  const stdout = failing(...codes);
  const hasLost = watchOutput(stdout, new Writable({ write: (chunk, _, done) => done(void said.push(String(chunk))) }));
  t.notOk(hasLost());
  for (const _ of codes.slice()) {
    stdout.write('x');
    await new Promise(setImmediate);
  }
  return { said, isLost: hasLost() };
}

t.test('a stdout that takes nothing is told once; a reader that has gone is not', async (t) => {
  t.same(await told('ENOSPC', 'ERR_STREAM_DESTROYED'), {
    said: ['bench: What this command has to say cannot be written to stdout: no room.\n'],
    isLost: true,
  });
  t.same(await told('EPIPE', 'ERR_STREAM_DESTROYED'), { said: [], isLost: false });
});

t.test('a command whose words are lost has failed', { skip: !existsSync('/dev/full') }, async (t) => {
  const full = openSync('/dev/full', 'w');
  const bench = fileURLToPath(new URL('../../../bench.ts', import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, bench, '--version'], { stdio: ['ignore', full, 'pipe'] });
  closeSync(full);
  const [said, [exitCode]] = await Promise.all([text(child.stderr as Readable), once(child, 'exit')]);
  t.match(said, /^bench: What this command has to say cannot be written to stdout: no space left on device\.\n$/);
  t.equal(exitCode, 1);
});
