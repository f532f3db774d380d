/**
 * Runs these test files one after the other in one process, each as a subtest: `node test/kit/one-process.ts a.test.ts …`.
 * What a file imports as `tap` is its subtest, so that its time limit, its folder and what it tears down are its own.
 */
import { registerHooks } from 'node:module';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import type { Test } from 'tap';

const SUBTEST = 'subtest:';
// tap names the folders of tests by the arguments that are there when it is loaded: too long a name for many files.
const files = new Map(process.argv.splice(2).map((file) => [pathToFileURL(file).href, file]));
const { default: t } = await import('tap');
const subtests = new Map<string, Test>();
Object.assign(globalThis, { subtestOf: (url: string) => subtests.get(url) });

registerHooks({
  resolve(specifier, context, next) {
    const { parentURL = '' } = context;
    if (specifier !== 'tap' || !files.has(parentURL)) return next(specifier, context);
    return { url: `${SUBTEST}${parentURL}`, format: 'module', shortCircuit: true };
  },
  load(url, context, next) {
    if (!url.startsWith(SUBTEST)) return next(url, context);
    const source = `export default subtestOf(${JSON.stringify(url.slice(SUBTEST.length))});`;
    return { format: 'module', source, shortCircuit: true };
  },
});

/** Of each file, which may set another one. */
const timeout = 1e3 * Number(process.env.TAP_TIMEOUT ?? 60);
t.setTimeout(3_600_000);
const silent: string[] = [];
for (const [url, file] of files) {
  const results = await t.test(file, { timeout }, async (subtest) => {
    subtests.set(url, subtest);
    await import(url);
  });
  if (results?.count === 0 && results.plan.skipReason === '') silent.push(file);
}
t.strictSame(silent, [], 'each file asserts something, or says why it is skipped');
