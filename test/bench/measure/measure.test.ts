import t from 'tap';
import fc from '../../kit/property.ts';
import { otherShare } from './other-work.ts';
import { descendants, parseMemory, parseStat } from './process-tree.ts';
import { peakMemoryBytes, type Sample, steadyLoad } from './steady.ts';

t.test('a stat line is read behind the program name, whatever that holds', async (t) => {
  const line =
    '4321 (odd) (name 7) S 17 4321 4321 0 -1 4194304 2532 88 1 0 250 50 3 2 20 0 11 0 8231 7321 913 18446744073709551615';
  t.same(parseStat(line), { parent: 17, cpuUs: (250 + 50 + 3 + 2) * 10_000 });
});

t.test('memory is read in bytes, and is 0 for a process without any', async (t) => {
  const status = 'Name:\tnode\nVmPeak:\t  999 kB\nVmHWM:\t   123 kB\nVmRSS:\t   100 kB\n';
  t.equal(parseMemory(status, 'VmHWM'), 123 * 1024);
  t.equal(parseMemory(status, 'VmRSS'), 100 * 1024);
  t.equal(parseMemory('Name:\tzombie\n', 'VmHWM'), 0);
});

t.test('descendants are found over generations, others are not', async (t) => {
  const parents = new Map([
    [10, 1],
    [11, 10],
    [12, 10],
    [13, 12],
    [20, 1],
    [21, 20],
  ]);
  t.same(descendants(10, parents).sort(), [10, 11, 12, 13]);
  t.same(descendants(13, parents), [13]);
});

function samplesOf(rows: readonly (readonly [atMs: number, served: number, cpuUs: number])[]): Sample[] {
  return rows.map(([atMs, served, cpuUs]) => ({
    atMs,
    served,
    connections: 50,
    use: { cpuUs, memoryBytes: 1, peakMemoryBytes: served },
  }));
}

t.test('start-up and end are no part of the steady load', async (t) => {
  // A second of start-up that costs CPU and sends nothing, ten even seconds of 1,000/s at 10 µs, a second of winding up.
  const rows: [number, number, number][] = [[0, 500, 0]];
  for (let second = 0; second <= 10; second++) {
    rows.push([1000 + second * 1000, 500 + second * 1000, 900_000 + second * 10_000]);
  }
  rows.push([12_000, 10_500, 5_000_000]);
  const steady = steadyLoad(samplesOf(rows));
  t.ok(Math.abs((steady?.requestsPerSecond ?? 0) - 1000) < 1e-6);
  t.ok(Math.abs((steady?.cpuUsPerRequest ?? 0) - 10) < 1e-6);
});

t.test('an even load measures the same wherever the samples fall', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 3, maxLength: 40 }), (steps) => {
      let atMs = 0;
      const rows = [0, ...steps].map((step): [number, number, number] => {
        atMs += step;
        return [atMs, atMs * 7, atMs * 900];
      });
      const steady = steadyLoad(samplesOf(rows));
      return Math.abs((steady?.requestsPerSecond ?? 0) / 7000 - 1) < 1e-9;
    }),
  );
});

t.test('what was not measured is not made up', async (t) => {
  t.equal(steadyLoad([]), undefined);
  t.equal(
    steadyLoad(
      samplesOf([
        [0, 3, 0],
        [1000, 3, 10],
      ]),
    ),
    undefined,
  );
  const withoutCpu = [0, 1, 2].map(
    (n): Sample => ({ atMs: n * 1000, served: n * 100, connections: 1, use: undefined }),
  );
  t.same(steadyLoad(withoutCpu), { requestsPerSecond: 100, cpuUsPerRequest: undefined });
  t.equal(peakMemoryBytes(withoutCpu), undefined);
  t.equal(
    peakMemoryBytes(
      samplesOf([
        [0, 3, 0],
        [1, 9, 0],
        [2, 5, 0],
      ]),
    ),
    9,
  );
});

t.test('what others did is all work that is not ours, as a share of all cores', async (t) => {
  const before = { busyUs: 1000, totalUs: 10_000, oursUs: 400 };
  t.equal(otherShare(before, { busyUs: 1600, totalUs: 12_000, oursUs: 900 }), 0.05);
  t.equal(otherShare(before, { busyUs: 1400, totalUs: 12_000, oursUs: 900 }), 0, 'ticks are rounded: never below 0');
});
