import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { type Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { WriteStream } from 'node:tty';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { colored, createOutput, watchOutput } from '../../../core/cli/output.ts';
import { STEERS } from '../../kit/steers.ts';

function failing(...codes: string[]): Writable {
  return new Writable({
    autoDestroy: false,
    write: (_chunk, _encoding, done) =>
      done(Object.assign(new Error(`${codes[0]}: no room, write`), { code: codes.shift() })),
  });
}

async function told(codes: string[], isTTY = false) {
  const said: string[] = [];
  const stdout = Object.assign(failing(...codes), { isTTY });
  const hasLost = watchOutput(stdout, new Writable({ write: (chunk, _, done) => done(void said.push(String(chunk))) }));
  t.notOk(hasLost());
  for (const _ of codes.slice()) {
    stdout.write('x');
    await new Promise(setImmediate);
  }
  return { said, isLost: hasLost() };
}

t.test('a stdout that takes nothing is told once; a reader that has gone is not', async (t) => {
  t.same(await told(['ENOSPC', 'ERR_STREAM_DESTROYED']), {
    said: ['bench: The output of this command cannot be written to stdout: no room.\n'],
    isLost: true,
  });
  t.same(await told(['EPIPE', 'ERR_STREAM_DESTROYED']), { said: [], isLost: false });
  t.same(await told(['EIO', 'ERR_STREAM_DESTROYED'], true), { said: [], isLost: false }, 'a terminal that was closed');
  t.equal((await told(['EIO', 'ERR_STREAM_DESTROYED'])).isLost, true, 'a file on a bad disk');
});

t.test('a command whose words are lost has failed', { skip: !existsSync('/dev/full') }, async (t) => {
  const full = openSync('/dev/full', 'w');
  const bench = fileURLToPath(new URL('../../../bench.ts', import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, bench, '--version'], { stdio: ['ignore', full, 'pipe'] });
  closeSync(full);
  const [said, [exitCode]] = await Promise.all([text(child.stderr as Readable), once(child, 'exit')]);
  t.match(said, /^bench: The output of this command cannot be written to stdout: no space left on device\.\n$/);
  t.equal(exitCode, 1);
});

/** What reaches the terminal of the sentences that a test writes. */
function written(env: NodeJS.ProcessEnv, write: (output: ReturnType<typeof createOutput>) => void): string {
  let all = '';
  const stream = new Writable({
    write: (chunk, _, done) => {
      all += String(chunk);
      done();
    },
  }) as WriteStream;
  write(createOutput(stream, stream, env));
  return all;
}

const STEERING = ['\u001b[2J', '\u009b2J', '\u001b]0;title\u0007', '\r', '\b', '\u202e', '\u2066', '\u2028', '\u007f'];

t.test('nothing that others say steers the terminal, whichever way it goes out', async (t) => {
  for (const env of [{}, { FORCE_COLOR: '1' }]) {
    for (const foreign of STEERING) {
      const all = written(env, (output) => {
        output.line(`a${foreign}b`);
        output.problem(`a${foreign}b`);
        output.screen([`a${foreign}b`]);
        output.redraw(0, [`a${foreign}b`]);
      });
      t.equal(all.split('\n').length, 5, 'four lines');
      t.notMatch(all, STEERS, encodeURIComponent(foreign));
    }
  }
});

t.test('a line break in a sentence makes no second line, and none of an error message that stands alone', async (t) => {
  t.equal(
    written({}, (output) => output.line('a\nbench: passed')),
    'a␊bench: passed\n',
  );
  t.equal(
    written({}, (output) => output.problem('bench: refused: a\nbench: passed\n    at x')),
    'bench: refused: a\n  bench: passed\n    at x\n',
  );
});

t.test('the colours of a view stay, and none in a sentence', async (t) => {
  const red = colored('red', 'x');
  t.equal(
    written({ FORCE_COLOR: '1' }, (output) => output.screen([red])),
    `${red}\n`,
  );
  t.notMatch(
    written({ FORCE_COLOR: '1' }, (output) => output.line(red)),
    '\u001b',
  );
});

t.test('in CI no line is a command to the service that reads it', async (t) => {
  const commands = [
    '::error::pwned',
    '  ::add-mask::x',
    'a ##[error]pwned',
    'b ##vso[task.setvariable variable=x]y',
    "##teamcity[testFailed name='x']",
  ];
  const all = (env: NodeJS.ProcessEnv) =>
    written(env, (output) => {
      for (const command of commands) {
        output.line(command);
        output.problem(`bench:\n${command}`);
        output.screen([command]);
      }
    });
  for (const env of [{ GITHUB_ACTIONS: 'true' }, { TF_BUILD: 'True' }, { TEAMCITY_VERSION: '2026' }]) {
    t.notMatch(all(env), /^\s*::|##\w*\[/m, JSON.stringify(env));
  }
  t.match(all({}), '::error::pwned', 'elsewhere a text is shown as it is');
});

t.test('a terminal that is too narrow for words, or that does not say how wide it is', async (t) => {
  const columns = (wide: number | undefined, isTTY = true) =>
    createOutput({ isTTY, columns: wide } as WriteStream, {} as WriteStream, {}).columns();
  t.strictSame(
    [1, 20, 81, 0, undefined].map((wide) => columns(wide)),
    [20, 20, 81, 100, 100],
  );
  t.equal(columns(1, false), 100);
});
