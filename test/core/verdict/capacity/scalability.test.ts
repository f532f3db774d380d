/** The Universal Scalability Law, beside what scipy fits to the same points. */

import t from 'tap';
import { fitScalability, type LoadPoint, throughputAt } from '../../../../core/verdict/capacity/scalability.ts';
import fc from '../../../kit/property.ts';

function pointsOf(pairs: readonly (readonly [load: number, perSecond: number])[]): LoadPoint[] {
  return pairs.map(([load, perSecond]) => ({ load, perSecond }));
}

/** Document 002: requests per second with 10 to 500 users. */
const DOCUMENT_002 = pointsOf([
  [10, 500],
  [50, 1200],
  [100, 1500],
  [200, 1600],
  [500, 1550],
]);
/** Throughput that falls, with noise. */
const RETROGRADE = pointsOf([
  [1, 98],
  [2, 187],
  [4, 330],
  [8, 497],
  [16, 601],
  [32, 470],
  [64, 306],
]);
/** A ceiling, without a cost of coherence: the best κ lies below 0. */
const CEILING = pointsOf([
  [1, 100],
  [2, 181],
  [4, 308],
  [8, 470],
  [16, 640],
  [32, 790],
  [64, 905],
]);

/** scipy 1.17.1: `optimize.curve_fit(usl, n, x, p0, bounds=(0, inf))`, and its standard errors. */
const SCIPY: readonly {
  readonly points: LoadPoint[];
  readonly values: readonly [number, number, number];
  readonly errors: readonly [number, number, number];
}[] = [
  {
    points: DOCUMENT_002,
    values: [62.77685655784423, 0.031323228551697245, 1.4538468294241086e-5],
    errors: [3.500471777167298, 0.002599184096611331, 2.0470944219460374e-6],
  },
  {
    points: RETROGRADE,
    values: [96.10382194239543, 0.040305210218988315, 0.004188849625751935],
    errors: [3.397117242536666, 0.007668565611707611, 0.0001660998093122074],
  },
];

const isClose = (actual: number, wanted: number, within = 1e-4) =>
  Math.abs(actual - wanted) <= within * Math.abs(wanted);

t.test('the numbers of scipy', async (t) => {
  for (const { points, values, errors } of SCIPY) {
    const fit = fitScalability(points);
    if (fit === undefined) throw new Error('no fit');
    const { perUser, contention, coherence } = fit;
    for (const [i, value] of [perUser, contention, coherence].entries())
      t.ok(isClose(value, values[i] as number), `${value}, scipy ${values[i]}`);
    for (const [i, value] of Object.values(fit.errors).entries())
      t.ok(isClose(value, errors[i] as number, 1e-3), `± ${value}, scipy ${errors[i]}`);
  }
});

t.test('a target that throughput approaches but never exceeds has no peak', async (t) => {
  const fit = fitScalability(CEILING);
  t.equal(fit?.coherence, 0);
  t.equal(fit?.peak, undefined);
  t.ok(isClose(fit?.ceiling ?? 0, (fit?.perUser ?? 0) / (fit?.contention ?? 1)));
  t.ok((fit?.ceiling ?? 0) > 905);
  t.ok((fit?.misfit ?? 1) < 0.02);
});

t.test('fewer than five different loads are not enough', async (t) => {
  t.equal(
    fitScalability(
      pointsOf([
        [1, 10],
        [2, 20],
        [4, 39],
        [8, 70],
      ]),
    ),
    undefined,
  );
  t.equal(
    fitScalability(
      pointsOf([
        [1, 10],
        [1, 10],
        [2, 20],
        [4, 39],
        [8, 70],
      ]),
    ),
    undefined,
  );
  t.equal(
    fitScalability(
      pointsOf([
        [1, 0],
        [2, 0],
        [4, 0],
        [8, 0],
        [9, 0],
      ]),
    ),
    undefined,
  );
});

t.test('three loads are enough where that is asked, for a curve of two parameters', async (t) => {
  const points = pointsOf([
    [1, 100],
    [2, 190],
    [4, 340],
  ]);
  const fit = fitScalability(points, 3);
  t.ok(fit !== undefined && (fit.contention === 0 || fit.coherence === 0), 'the error of three could not be told');
  t.ok((fit?.misfit ?? 1) > 0 && (fit?.misfit ?? 1) < 0.02);
  t.equal(fitScalability(points.slice(1), 3), undefined);
});

t.test('points on a curve of the law give that curve back, and its peak is where it is highest', async () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 1e4, noNaN: true }),
      fc.double({ min: 0.001, max: 0.5, noNaN: true }),
      fc.double({ min: 1e-6, max: 0.01, noNaN: true }),
      (perUser, contention, coherence) => {
        const points = [1, 2, 4, 8, 16, 32, 64, 128].map((load) => {
          return { load, perSecond: (perUser * load) / (1 + contention * (load - 1) + coherence * load * (load - 1)) };
        });
        const fit = fitScalability(points);
        if (fit === undefined) return false;
        const { peak } = fit;
        const isHighest =
          peak !== undefined &&
          throughputAt(fit, peak.load * 1.01) <= peak.perSecond &&
          throughputAt(fit, peak.load / 1.01) <= peak.perSecond;
        const isSame = isClose(fit.perUser, perUser) && isClose(fit.contention, contention, 1e-3);
        return isSame && isClose(fit.coherence, coherence, 1e-2) && fit.misfit < 1e-4 && isHighest;
      },
    ),
  );
});
