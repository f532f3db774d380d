/**
 * Runs files beside this one in one process, one after the other: to load tap takes longer than most of them.
 * `bun test/runtime/smoke-files.ts bun engine.smoke.ts script.smoke.ts …`
 */
import process from 'node:process';
import t from 'tap';

t.setTimeout(400_000);
// Files set it for themselves alone.
t.setTimeout = () => {};
// Once it has something to tear down, tap ends as soon as it is idle, as it is while the next file is imported.
const ends: (() => unknown)[] = [];
t.teardown = (end) => void ends.unshift(end);

// Bun takes a process that waits for an import for one that has nothing left to do.
const awake = setInterval(() => {}, 60_000);
const [, , , ...files] = process.argv;
for (const file of files) {
  const before = t.counts.total;
  await import(`./${file}`);
  // It begins when all tests of the file have ended.
  await t.test(`${file} has ended`, async () => {});
  t.ok(t.counts.total - before > 1, `${file} asserts something`);
}
for (const end of ends) await end();
clearInterval(awake);
