import t from 'tap';
import { secondsToConnect } from './cases/memory.ts';
import { megabytesInMinute } from './cases/soak.ts';
import { parseCoreList, placementOn } from './machine.ts';
import type { Sample } from './measure/steady.ts';

t.test("the kernel's list of cores is read", async (t) => {
  t.same(parseCoreList('0-2,5'), [0, 1, 2, 5]);
  t.same(parseCoreList('3'), [3]);
});

t.test('the generator has a core for itself, where there are two', async (t) => {
  t.same(placementOn([0, 1]), { generator: '1', rest: '0' });
  t.same(placementOn([2, 3, 6, 7]), { generator: '3', rest: '2,6,7' });
  t.same(placementOn([0]), { generator: undefined, rest: undefined });
  t.same(placementOn([]), { generator: undefined, rest: undefined });
});

function seen(atMs: number, connections: number, memoryBytes = 0): Sample {
  return { atMs, served: 0, connections, use: { cpuUs: 0, memoryBytes, peakMemoryBytes: 0 } };
}

t.test('the time to connect is from the first connection seen to the first look that saw all', async (t) => {
  const samples = [seen(0, 0), seen(500, 20), seen(900, 70), seen(1300, 100), seen(1400, 100)];
  t.equal(secondsToConnect(samples, 100), 0.8);
  t.equal(secondsToConnect(samples, 101), undefined);
});

t.test("a minute's memory is the median of what was seen in it", async (t) => {
  const samples = [0, 20, 40, 60, 80, 100].map((second) => seen(7000 + second * 1000, 1, second * 1e6));
  t.equal(megabytesInMinute(samples, 1), 80);
  t.throws(() => megabytesInMinute(samples, 2), { message: /minute 3/ });
});
