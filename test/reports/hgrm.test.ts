import hdr from 'hdr-histogram-js';
import t from 'tap';
import { randomStream } from '../../core/plan/random.ts';
import { Histogram } from '../../core/stats/histogram.ts';
import type { RunResult } from '../../core/stats/result.ts';
import hgrm from '../../reports/hgrm.ts';
import { matchesGolden } from '../kit/golden.ts';
import { FAILING, resultOf } from '../kit/results/documents.ts';
import { HOSTILE_NAMES, hostileResult } from '../kit/results/hostile.ts';

t.test('a file for each operation and for all, response and service time', async (t) => {
  const files = hgrm.render(resultOf(FAILING), {});
  t.strictSame(
    files.map(({ name }) => name),
    [
      'upload.response.hgrm',
      'upload.service.hgrm',
      'health.response.hgrm',
      'health.service.hgrm',
      'all.response.hgrm',
      'all.service.hgrm',
    ],
  );
  matchesGolden(t, 'hgrm/health.response.hgrm', files[2]?.content ?? '');
});

t.test('line for line what HdrHistogram writes, but for the greatest value, which is exact', async (t) => {
  const theirs = hdr.build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000_000,
    numberOfSignificantValueDigits: 3,
  });
  const ours = new Histogram();
  const random = randomStream(3, 0);
  for (let i = 0; i < 20_000; i++) {
    const us = Math.floor(200 * Math.exp(9 * random.next()));
    theirs.recordValue(us);
    ours.record(us);
  }
  const histogram = ours.encode();
  const [operation] = resultOf(FAILING).operations as [RunResult['operations'][number]];
  const phases = { ...operation.phases, measure: { ...operation.phases.measure, responseTime: histogram } };
  const [file] = hgrm.render({ ...resultOf(FAILING), operations: [{ ...operation, phases }] }, {});
  const greatest = (ours.maxUs / 1e3).toFixed(3);
  const lines = (text: string) => text.trimEnd().split('\n');
  const written = lines(file?.content ?? '');
  const expected = lines(theirs.outputPercentileDistribution(5, 1000));
  t.equal(written.length, expected.length);
  for (const [i, line] of written.entries()) {
    if (line.startsWith('#[Mean') || line.startsWith('#[Max') || line.trimStart().startsWith(greatest)) continue;
    t.equal(rounded(line), rounded(expected[i] ?? ''));
  }
  t.match(written.at(-2), `#[Max     = ${greatest.padStart(12)}, Total count    =        20000]`);
});

/** Runtimes round the last of twelve digits differently. */
function rounded(line: string): string {
  return line.replace(/0\.\d{12}/, (quantile) => Number(quantile).toFixed(10));
}

t.test('hostile names make plain file names', async (t) => {
  for (const { name } of hgrm.render(hostileResult(HOSTILE_NAMES), {}))
    t.match(name, /^[\p{L}\p{N}_-][\p{L}\p{N}._-]{0,80}\.hgrm$/u);
});
