import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { CommandError, errorReport } from '../../../core/cli/command-error.ts';
import { BenchError } from '../../../core/error.ts';

t.test('a foreseen error prints its message and what to do, and no stack', async (t) => {
  t.equal(errorReport(new CommandError('There is no plan a.yaml.')), 'bench: There is no plan a.yaml.');
  const cause = new TypeError('x');
  t.equal(
    errorReport(new BenchError('store_failed', 'The store is full.', { cause, hint: 'Free some space' })),
    'bench: The store is full.\n  Free some space',
  );
});

t.test('what the system refuses is no fault of bench', async (t) => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write '/data/x'"), {
    code: 'ENOSPC',
    path: '/data/x',
  });
  t.equal(errorReport(full), 'bench: /data/x cannot be used: no space left on device.');
  const many = Object.assign(new Error('EMFILE: too many open files, uv_cwd'), { code: 'EMFILE' });
  t.equal(errorReport(many), 'bench: too many files are open: raise the limit with `ulimit -n`.');
  const missing = Object.assign(new Error("ENOENT: no such file or directory, open '/x'"), {
    code: 'ENOENT',
    path: '/x',
  });
  t.match(errorReport(missing), /fault of bench itself/, 'a file that is missing may be one of its own');
});

t.test('neither is a working folder that was removed', async (t) => {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'gone-'));
  try {
    process.chdir(folder);
    rmdirSync(folder);
    const error = (() => {
      try {
        return process.cwd();
      } catch (error) {
        return error;
      }
    })();
    t.equal(errorReport(error), 'bench: the working folder is not there any more: change to one that is.');
  } finally {
    process.chdir(before);
  }
});

t.test('any other error is a fault of bench, and prints its stack too', async (t) => {
  const fault = new TypeError('x is undefined');
  const [first, ...stack] = errorReport(fault).split('\n');
  t.equal(first, 'bench: unexpected error, a fault of bench itself: x is undefined');
  t.equal(stack.join('\n'), fault.stack);
  t.match(errorReport(BenchError.from(fault)), /\n +at /, 'also where it was wrapped on its way');
  t.equal(errorReport('boom'), 'bench: unexpected error, a fault of bench itself: boom');
});
