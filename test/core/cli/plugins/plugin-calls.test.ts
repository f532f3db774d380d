import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { RUNTIME_NAMES, RUNTIMES } from '../../../runtime/suite.ts';

const PROGRAM = fileURLToPath(new URL('../../../kit/programs/endless-call.ts', import.meta.url));

for (const runtime of RUNTIME_NAMES) {
  const ended = async (kind: string) => {
    const [command = '', ...flags] = RUNTIMES[runtime];
    const child = spawn(command, [...flags, PROGRAM, kind], { stdio: ['ignore', 'pipe', 'pipe'] });
    const exit = new Promise<number | string | null>((resolve) => {
      child.on('exit', (code, signal) => resolve(code ?? signal));
    });
    const [stdout, stderr, how] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
    return { stdout, stderr, how };
  };

  t.test(`${runtime}: a function that waits without end is given up`, async (t) => {
    const { stdout, how } = await ended('promise');
    t.equal(stdout, 'operations of driver "./slow.ts" has not come back after 0.3 s\n');
    t.equal(how, 0);
  });

  t.test(
    `${runtime}: one that has the event loop for itself is stopped, or its process ends and says why`,
    async (t) => {
      const { stdout, stderr, how } = await ended('loop');
      if (runtime === 'node') {
        t.equal(stdout, 'operations of driver "./slow.ts" has not come back after 0.3 s\n');
        t.equal(how, 0);
        return;
      }
      t.match(stderr, /^bench: operations of driver "\.\/slow\.ts" never comes back, and nothing else can happen/m);
      t.equal(how, 'SIGKILL');
    },
  );
}
