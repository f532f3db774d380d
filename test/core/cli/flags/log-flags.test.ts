import t from 'tap';
import { createLog, type LogFlags } from '../../../../core/cli/flags/log-flags.ts';

async function logged(flags: LogFlags, use: (log: Awaited<ReturnType<typeof createLog>>) => void): Promise<string[]> {
  const lines: string[] = [];
  use(await createLog(flags, { problem: (line) => lines.push(line) }));
  return lines;
}

t.test('text is a sentence a line, from the level on', async (t) => {
  const lines = await logged({ logFormat: 'text', logLevel: 'info' }, (log) => {
    log('one', { runId: 'r' });
    log('two', { level: 'debug' });
    log('three', { level: 'error' });
  });
  t.same(lines, ['one', 'three']);
});

t.test('JSON has level, time and text, and says what the line is about', async (t) => {
  const lines = await logged({ logFormat: 'json', logLevel: 'warn' }, (log) => {
    log('not this');
    log('lost', { level: 'warn', runId: 'r', agent: 'a "b"', epoch: 'e' });
  });
  t.equal(lines.length, 1);
  const { time, pid, ...line } = JSON.parse(lines[0] as string);
  t.same(line, { level: 'warn', runId: 'r', agent: 'a "b"', epoch: 'e', msg: 'lost' });
  t.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  t.equal(pid, process.pid);
});

t.test('a password in a URL and the secret of a token are not logged, should they come', async (t) => {
  for (const logFormat of ['text', 'json'] as const) {
    const token = `abc123.${'z'.repeat(32)}`;
    const [line] = await logged({ logFormat, logLevel: 'info' }, (log) =>
      log(`mysql://u:p/w@h:3306/d and ${token} and mysql://u:\${env:PW}@h`),
    );
    t.match(line, /mysql:\/\/u:\*\*\*@h:3306\/d and abc123\.\*\*\* and mysql:\/\/u:\$\{env:PW\}@h/);
  }
});

t.test('what others say cannot begin a line, hide or steer a terminal, as text and as JSON', async (t) => {
  const hostile = 'a\nlost agent-2\u001b[2J\u009b31m\u202eb';
  const shown = 'a␊lost agent-2␛[2J\ufffd31m\ufffdb';
  const use = (log: Awaited<ReturnType<typeof createLog>>) => log(`agent-1 says ${hostile}`, { agent: hostile });
  t.same(await logged({ logFormat: 'text', logLevel: 'info' }, use), [`agent-1 says ${shown}`]);
  const [json = '', ...more] = await logged({ logFormat: 'json', logLevel: 'info' }, use);
  t.same(more, []);
  t.match(JSON.parse(json), { msg: `agent-1 says ${shown}`, agent: shown });
});

t.test('the stack of an error that nobody foresaw follows its line', async (t) => {
  const stack = 'TypeError: x\u001b is not a function\n    at run (a.ts:1:2)';
  const use = (log: Awaited<ReturnType<typeof createLog>>) => log('it failed', { level: 'error', stack });
  const shown = '    TypeError: x␛ is not a function\n    at run (a.ts:1:2)';
  t.same(await logged({ logFormat: 'text', logLevel: 'info' }, use), [`it failed\n${shown}`]);
  const [json = ''] = await logged({ logFormat: 'json', logLevel: 'info' }, use);
  t.match(JSON.parse(json), { msg: 'it failed', stack: shown });
});

t.test('a line that repeats what a server sent has the length of a line', async (t) => {
  const long = 'x'.repeat(1_000_000);
  for (const logFormat of ['text', 'json'] as const) {
    const [line = ''] = await logged({ logFormat, logLevel: 'info' }, (log) => log(long, { stack: long }));
    t.ok(line.length < 40_000, `${logFormat}: ${line.length}`);
  }
});
