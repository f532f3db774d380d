/** What installing, running and checking the repository rest on, and no compiler sees. */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { VERSION } from '../core/version.ts';

interface LockedPackage {
  hasInstallScript?: boolean;
  optionalDependencies?: Record<string, string>;
  resolved?: string;
}

const root = fileURLToPath(new URL('../', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const lock = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'));
const locked = Object.entries<LockedPackage>(lock.packages);
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

t.test('the tests run on a supported Node, whatever the host has', async (t) => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  t.ok(major > 22 || (major === 22 && minor >= 18), `Node ${process.versions.node} satisfies ${manifest.engines.node}`);
});

t.test('all places tell one version', async (t) => {
  t.equal(VERSION, manifest.version);
  t.equal(JSON.parse(readFileSync(`${root}jsr.json`, 'utf8')).version, VERSION);
  const chart = readFileSync(`${root}deploy/helm/bench/Chart.yaml`, 'utf8');
  t.ok(chart.includes(`\nversion: ${VERSION}\nappVersion: ${VERSION}\n`), 'the chart');
  t.ok(readFileSync(`${root}CHANGELOG.md`, 'utf8').includes(`\n## ${VERSION}\n`), 'CHANGELOG.md has a chapter of it');
});

t.test('every dependency is pinned to one version', async (t) => {
  const { dependencies, devDependencies } = manifest;
  const { optionalDependencies } = JSON.parse(readFileSync(`${root}tools/node/package.json`, 'utf8'));
  for (const [name, version] of Object.entries<string>({
    ...dependencies,
    ...devDependencies,
    ...optionalDependencies,
  })) {
    t.match(version, /^(npm:[a-z]+@)?\d+\.\d+\.\d+$/, name);
  }
});

t.test('the lock file names no registry', async (t) => {
  t.same(
    locked.filter(([, { resolved }]) => resolved?.includes('://')).map(([path]) => path),
    [],
  );
});

t.test('the lock file has every platform, or `npm ci` fails on all', async (t) => {
  const names = new Set(locked.map(([path]) => nameOf(path)));
  const missing = locked.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !names.has(name))
      .map((name) => `${path} lacks ${name}: pin a version that has it`),
  );
  t.same(missing, []);
});

t.test('every install script is allowed, for npm and for Bun', async (t) => {
  const withScripts = [
    ...new Set(locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path))),
  ];
  t.same(Object.keys(manifest.allowScripts).sort(), withScripts.sort());
  t.same([...manifest.trustedDependencies].sort(), withScripts.sort());
});

t.test('the command can be executed as it stands', async (t) => {
  const command = `${root}${manifest.bin.bench}`;
  t.match(readFileSync(command, 'utf8'), /^#!\/usr\/bin\/env node\n/);
  t.equal(statSync(command).mode & 0o111, 0o111, 'is executable');
});

t.test('CI tells the truth', async (t) => {
  /** Runs a copy of `.ci/run` from elsewhere, with an `npm` that fails at `failing` and whose tests print `tap`. */
  const runCi = (failing: string, tap: string) => {
    const npm = `#!/bin/sh
      [ "$*" = test ] && cat "$TAP_SUMMARY"
      echo '5 passed, 0 failed'
      [ "$*" != '${failing}' ]
    `;
    const ci = ['run', 'failed.awk'].map((file) => [file, readFileSync(`${root}.ci/${file}`, 'utf8')]);
    const dir = t.testdir({ 'a clone': { '.ci': Object.fromEntries(ci) }, bin: { npm }, tap });
    spawnSync('chmod', ['+x', join(dir, 'bin/npm')]);
    const { status, stdout } = spawnSync('bash', [join(dir, 'a clone/.ci/run')], {
      cwd: '/',
      encoding: 'utf8',
      env: { PATH: `${join(dir, 'bin')}:${process.env.PATH}`, TAP_SUMMARY: join(dir, 'tap') },
    });
    const lines = stdout.trimEnd().split('\n');
    return { ends: { status, lastLine: lines.at(-1) }, summary: lines.slice(lines.lastIndexOf('=== npm test') + 1) };
  };
  const clean = '    # { total: 2, pass: 2 }\nok 1 - a\n# { total: 12, pass: 12 }\n# time=1ms\n';
  const red = '# { total: 12, pass: 9, fail: 2, skip: 1 }\n';

  t.same(runCi('', clean).ends, { status: 0, lastLine: '16 passed, 0 failed' });
  t.same(runCi('run lint', clean).ends, { status: 1, lastLine: '15 passed, 1 failed' });
  t.same(runCi('ci', clean).ends, { status: 1, lastLine: '15 passed, 1 failed' });
  t.same(runCi('test', red).ends, { status: 1, lastLine: '13 passed, 2 failed' });
  t.same(
    runCi('test', clean).ends,
    { status: 1, lastLine: '16 passed, 1 failed' },
    'a bad end without a failed assertion',
  );
  t.same(runCi('', '').ends, { status: 1, lastLine: '4 passed, 1 failed' }, 'tests that assert nothing');

  const told = (failing: string, tap: string) => {
    const { summary } = runCi(failing, tap);
    return summary.slice(summary.findLastIndex((line) => line.startsWith('=== failed:'))).filter((line) => line !== '');
  };
  const failures = `# Subtest: test/all.ts
    # Subtest: test/a.test.ts
        # Subtest: adds
            ok 1 - fine
            not ok 2 - the sum
              ---
              diff: |
                -  2
                +  3
              at:
                fileName: test/a.test.ts
                lineNumber: 7
              source: |
                not ok 9 - is what the source says
              ...
            1..2
        not ok 1 - adds # time=9ms
          ---
          at:
            fileName: test/a.test.ts
            lineNumber: 3
          ...
        1..1
    not ok 1 - test/a.test.ts # time=12ms
    # Subtest: test/b.test.ts
        ok 1 - fine
    not ok 2 - test/b.test.ts # time=12ms
      ---
      exitCode: 3
      ...
not ok 1 - test/all.ts # time=12ms
${red}`;
  t.same(told('run lint', clean), ['=== failed: npm run lint', '5 passed, 0 failed', '15 passed, 1 failed']);
  t.same(told('test', failures), [
    '=== failed: npm test',
    'test/a.test.ts > adds > not ok 2 - the sum',
    'diff: |',
    '  -  2',
    '  +  3',
    'at test/a.test.ts:7 ',
    'test/all.ts > not ok 2 - test/b.test.ts # time=12ms',
    'exitCode: 3',
    'failed: test/a.test.ts:7 test/a.test.ts > adds > not ok 2 - the sum',
    'failed: test/all.ts > not ok 2 - test/b.test.ts # time=12ms',
    '13 passed, 2 failed',
  ]);
});
