/** How a target scales, from runs against different numbers of its machines. */
import t from 'tap';
import { searchedResult } from '../../kit/results/searched.ts';
import { workbench } from '../bench-process.ts';

t.setTimeout(400_000);
t.jobs = 3;
const buffered = true;

/** X(N) = 1000 N ÷ (1 + 0.1 (N − 1)): 1,000, 1,818, 3,077 and 4,706 requests/s. */
const limitOf = (machines: number) => (1000 * machines) / (1 + 0.1 * (machines - 1));
const fileOf = (runId: string, limit: number, until = 'p95 < 100ms', to?: number) => {
  const result = searchedResult({ runId, limit, ...(to !== undefined && { to }) });
  const search = result.search && { ...result.search, criteria: [until] };
  return JSON.stringify({ ...result, search });
};
const FILES = {
  '1.json': fileOf('one', limitOf(1)),
  '2.json': fileOf('two', limitOf(2)),
  '4.json': fileOf('four', limitOf(4)),
  '8.json': fileOf('eight', limitOf(8)),
  'least.json': fileOf('least', limitOf(4), 'p95 < 100ms', 800),
  'strict.json': fileOf('strict', limitOf(4), 'p95 < 50ms'),
};

t.test('the law of four runs, and how many machines a need takes', { buffered }, async (t) => {
  const { start } = workbench(t, FILES);
  const four = ['machines', '8=8.json', '1=1.json', '2=2.json', '4=4.json'];
  const [enough, never, alone] = await Promise.all([
    start([...four, '--need', '6000', '--reserve', '1.2']).ended,
    start([...four, '--need', '20000/s']).ended,
    start(four).ended,
  ]);
  t.equal(enough.code, 0, enough.stderr);
  const [heading, first, ...rest] = enough.stdout.split('\n');
  t.match(heading, /^Machines +Requests\/s +By the law +Of as many alone$/);
  t.match(first, /^ +1 +9\d\d(\.\d)? .* 100%$/);
  t.match(rest[2], /^ +8 +4[67]\d\d +4[67]\d\d +(5[6-9]|6[0-2])\.?\d?%$/);
  const text = enough.stdout.replaceAll(/\n {4}/g, ' ');
  t.match(
    text,
    /contention 0\.(09|1)\d* ± 0\.\d+, no coherence cost\) throughput approaches (9|10),\d{3}\/s and does not fall\.$/m,
  );
  t.match(text, /For 6000\/s: 1[34] machines; with a reserve \(1\.2 times\) (2[2-9]|3\d) machines\.$/m);
  t.match(
    text,
    /If each did as much beside others as alone: [67] machines; with a reserve \(1\.2 times\) [78] machines\.$/m,
  );
  t.match(text, /are more than 2 times the 8 that were measured: measure with more before you rely on it\.$/m);
  t.equal(never.code, 99, never.stderr);
  t.match(never.stdout, /For 20,000\/s no number of machines is enough: what they share has to become faster\./);
  t.equal(alone.code, 0, alone.stderr);
  t.notMatch(alone.stdout, /For |machines are/);
});

t.test('runs that do not show it, all problems at once', { buffered }, async (t) => {
  const { start } = workbench(t, FILES);
  const refused = async (args: readonly string[]) => {
    const { code, stderr, stdout } = await start(['machines', ...args]).ended;
    t.equal(code, 104, stderr);
    t.equal(stdout, '');
    return stderr;
  };
  const [few, many, number, twice, reserve] = await Promise.all([
    refused(['1=1.json', '2=2.json']),
    refused(['1=1.json', '2=2.json', '3=strict.json', '4=least.json']),
    refused(['1=1.json', 'two=2.json']),
    refused(['1=1.json', '2=1.json', '4=4.json']),
    refused(['1=1.json', '2=2.json', '4=4.json', '--reserve', '2']),
  ]);
  t.match(
    few,
    /at least 3 different numbers of machines, and these are 2: measure it with more, such as 1, 2 and 4\.$/m,
  );
  t.match(
    many,
    /strict\.json was judged by other criteria \(p95 < 50ms\) than 1\.json \(p95 < 100ms\): measure all with the same\./,
  );
  t.match(many, /least\.json shows only that its target takes at least \d+\/s, not where it ends/);
  t.match(number, /^bench: two=2\.json: say how many machines the target of each run had, such as 4=result\.json\.$/m);
  t.match(twice, /The run one is given twice: give each run once\./);
  t.match(reserve, /--reserve says nothing without --need/);
});
