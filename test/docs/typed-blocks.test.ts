/** All TypeScript on the pages has right types, as its readers' compilers see it: strict, and nothing else asked for. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';
import { WITH_THIS_PROCESS } from '../e2e/bench-process.ts';
import { type Block, blocksOf, pages, ROOT } from './pages.ts';

/** So that a comment too many cannot leave blocks out without anybody noticing. */
const BLOCKS = 11;

/** As on a host where the package is installed, but with our sources in place of it. */
const TSCONFIG = {
  compilerOptions: {
    ...{ strict: true, noEmit: true, skipLibCheck: true },
    ...{ target: 'ES2024', lib: ['ES2024', 'ESNext.Disposable', 'DOM', 'DOM.Iterable'] },
    ...{ module: 'NodeNext', allowImportingTsExtensions: true, resolveJsonModule: true },
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
    paths: {
      '@bench/toolkit': [join(ROOT, 'core/index.ts')],
      '@bench/toolkit/http': [join(ROOT, 'plugins/http/script/open-http.ts')],
      '@bench/toolkit/testing': [join(ROOT, 'testing/index.ts')],
      '@bench/toolkit/client': [join(ROOT, 'core/cli/client/embedded.ts')],
    },
  },
};

const written = pages()
  .flatMap(blocksOf)
  .filter(({ language }) => language === 'ts');

/** A block that is a part stands in what its page's comment says, in place of `…`. */
const moduleOf = ({ text, around = '…' }: Block) => around.replace('…', () => `\n${text}\n`);

t.test('the blocks to check are those that were counted', async (t) => {
  t.equal(written.length, BLOCKS, written.map(({ page, line }) => `${page}:${line}`).join(', '));
});

t.test('they have right types', async (t) => {
  const folder = t.testdir({ 'tsconfig.json': JSON.stringify(TSCONFIG), 'package.json': '{ "type": "module" }' });
  for (const block of written) {
    // The modules of a page import each other.
    const place = join(folder, basename(block.page, '.md'));
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, block.file ?? `line-${block.line}.ts`), moduleOf(block));
  }
  // What the pages have written by other means.
  cpSync(join(ROOT, 'examples/my-driver.ts'), join(folder, 'README/my-driver.ts'));
  cpSync(join(ROOT, 'examples/start/my-report.ts'), join(folder, 'plugins/summary.ts'));
  const compiler = [...WITH_THIS_PROCESS, process.execPath, join(ROOT, 'node_modules/ts7/bin/tsc')];
  const [command = '', ...args] = [...compiler, '--singleThreaded', '--project', folder];
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', cwd: folder });
  t.equal(status, 0, stdout + stderr);
});
