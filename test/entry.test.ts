import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const ENTRY = fileURLToPath(new URL('../bench.js', import.meta.url));

function versionAs(node?: string) {
  const pretend = `Object.defineProperty(process,"versions",{value:{...process.versions,node:"${node}"}})`;
  const preload = node === undefined ? [] : ['--import', `data:text/javascript,${pretend}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...preload, ENTRY, '--version'], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

t.test('a Node that cannot read TypeScript gets a sentence instead of a stack', async (t) => {
  for (const node of ['18.20.0', '20.20.2', '22.17.1', '23.5.0']) {
    t.strictSame(versionAs(node), {
      status: 1,
      stdout: '',
      stderr: `bench: Node ${node} is too old: bench needs Node 22.18 or newer, Bun 1.3 or newer, or Deno 2.5 or newer.\n`,
    });
  }
});

t.test('every Node that can read it runs the command', async (t) => {
  for (const node of ['22.18.0', '23.6.0', '24.0.0', undefined]) {
    t.match(versionAs(node), { status: 0, stdout: /^\d+\.\d+\.\d+\n$/, stderr: '' });
  }
});
