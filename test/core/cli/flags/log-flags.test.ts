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
