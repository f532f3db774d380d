import { existsSync } from 'node:fs';
import t from 'tap';
import { workbench } from './bench-process.ts';

t.setTimeout(400_000);

t.test('bench health says whether a control works, by its exit code', async (t) => {
  const { start, folder } = workbench(t);
  const control = start(['control', '--port', '0', '--store', ':memory:', '--token-file', 'token']);
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  t.ok(existsSync(`${folder}/token`));
  const ask = (...args: string[]) => start(['health', '--control', address, ...args]).ended;
  t.match(await ask('--token-file', 'token'), { code: 0, stdout: `The control at ${address} works.\n`, stderr: '' });
  const stranger = await ask();
  t.equal(stranger.code, 1, 'not to a caller without its token');
  t.match(stranger.stderr, /^bench: /);
  control.kill('SIGTERM');
  await control.ended;
  t.match(await ask('--token-file', 'token'), { code: 1, stderr: /cannot be reached/ });
});
