import t from 'tap';
import { parseThreshold } from '../../../../core/verdict/criterion.ts';

const limitOf = (text: string) => parseThreshold(text).limit;

t.test('how a limit may follow from a baseline', async (t) => {
  const cases: [text: string, added: number, isShare: boolean, unit: string][] = [
    ['p95 <= baseline', 0, true, 'us'],
    ['p95 <= baseline + 10%', 0.1, true, 'us'],
    ['p95 <= baseline+10%', 0.1, true, 'us'],
    ['p95 <= baseline + 250%', 2.5, true, 'us'],
    ['p95 <= baseline + 5 ms for 10s', 5000, false, 'us'],
    ['rps >= baseline - 5%', -0.05, true, 'perSecond'],
    ['rps >= baseline - 20/s', -20, false, 'perSecond'],
    ['error_rate <= baseline + 0.7%', 0.007, true, 'share'],
    ['error_rate <= baseline + 0.001', 0.001, false, 'share'],
    ['http.connect p99 < baseline + 1ms', 1000, false, 'us'],
    ['target.queue_depth max <= baseline + 5', 5, false, 'bare'],
  ];
  for (const [text, added, isShare, unit] of cases)
    t.match(limitOf(text), { value: Number.NaN, unit, baseline: { added, isShare } }, text);
  t.equal(parseThreshold('p95 <= baseline + 5 ms for 10s').windowSeconds, 10);
  t.equal(limitOf('p95 <= 5ms').baseline, undefined);
});

t.test('what cannot be read is said with its column', async (t) => {
  const cases: [text: string, said: RegExp][] = [
    ['p95 <= baseline + ', /column 8: write baseline, or what is added to it or taken off: baseline \+ 10%$/],
    ['p95 <= baseline 10%', /column 8: write baseline, or what is added to it/],
    ['p95 <= baseline + 5', /p95 is a duration: .*, not "5"; or write a percentage of the baseline, such as 10%$/],
    ['rps >= baseline - 120%', /more than 100% cannot be taken off the baseline$/],
    [
      'requests >= baseline',
      /requests is a count, which grows with the time that a run takes: compare rps or error_rate/,
    ],
    ['lost <= baseline', /lost is a count/],
    ['p95 <= "baseline"', /p95 is a duration/],
  ];
  for (const [text, said] of cases) t.throws(() => parseThreshold(text), { name: 'ThresholdError', message: said });
});
