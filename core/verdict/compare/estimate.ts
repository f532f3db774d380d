/** How far a figure is from before to after, and how sure that is. */
export interface Estimate {
  /** On the scale of the figure: a logarithm of a ratio, or a difference. */
  readonly change: number;
  /** Standard error of `change`; never 0, because every figure is read with some error. */
  readonly standardError: number;
  readonly degreesOfFreedom: number;
}

/**
 * From one run a side, each cut into the same number of stretches of time. The first stretch of one run is taken with the first of
 * the other, and so on, so that a load that rises in both alike, or a cache that fills in both alike, is no noise.
 *
 * Stretches resemble those before them. What that makes of the error of their mean is estimated in two ways, and the larger error
 * counts: from the slowest waves in the series, which assumes nothing about how it goes on, and has as many degrees of freedom as
 * there are waves; and as if each stretch kept the same share of the one before it, which sees more where the series is short. No more
 * degrees of freedom count than one less than there are {@link independentValues}: what a few moods say of their spread is little. So
 * stretches that may be of one mood tell only a change that is many times as great as all that is seen of their moods.
 * `npm run bench -- --only compare` measures how often that names a difference that is none.
 *
 * @param change between the whole runs
 * @param differences between the runs, one for each stretch, of values such as its share of the run's figure; at least 10
 * @param leastError the standard error if all samples were independent, or what a figure can be read to: the estimate has no less
 * @param kept what a stretch may keep of the one before it: {@link keptAtMost} of this figure, or of another that shows it better
 */
export function pairedEstimate(
  change: number,
  differences: readonly number[],
  leastError: number,
  kept: number,
): Estimate {
  const waves = wavesOf(differences.length);
  const independent = independentValues(differences.length, kept);
  return {
    change,
    standardError: Math.max(leastError, waveError(differences, waves), persistenceError(differences, kept)),
    degreesOfFreedom: Math.max(MIN_FREEDOM, Math.min(waves, independent - 1)),
  };
}

/**
 * With one, not even a target that became three times as slow would be told of moods that outlast the runs. Where that is all, the
 * error is that of {@link MAX_KEPT}, which is greater than what is seen of the moods.
 */
const MIN_FREEDOM = 2;
/** With fewer, their spread would say too little. */
const MIN_WAVES = 4;
/** The source takes 0.4 for series of economics; fewer waves give fewer false alarms, which are the worse mistake here. */
const WAVES_FACTOR = 0.25;

/** How many waves of so many stretches are slow: growing with the power 2/3, as in the source of {@link waveError}. */
function wavesOf(stretches: number): number {
  return Math.max(MIN_WAVES, Math.round(WAVES_FACTOR * stretches ** (2 / 3)));
}

/**
 * The standard error of the mean of a series by its projections on cosines, with equal weights (EWC); as many degrees of freedom as
 * cosines.
 *
 * Sources: E. Lazarus, D. J. Lewis, J. H. Stock, M. W. Watson, "HAR Inference: Recommendations for Practice", J. Bus. Econ. Stat. 36
 * (2018); U. K. Müller, "A Theory of Robust Long-Run Variance Estimation", J. Econometrics 141 (2007).
 */
export function waveError(values: readonly number[], waves: number): number {
  const count = values.length;
  let squares = 0;
  for (let wave = 1; wave <= waves; wave++) {
    const projection = values.reduce((sum, value, i) => {
      return sum + value * Math.cos((Math.PI * wave * (i + 0.5)) / count);
    }, 0);
    squares += (2 / count) * projection ** 2;
  }
  return Math.sqrt(squares / waves / count);
}

/** A series that keeps more says nothing about its mean. */
const MAX_KEPT = 0.97;

/** Of standard errors: neighbours without anything in common correlate by more in one series of a thousand. */
const SURE = 3;
/** Where more than half of what is seen is the chance of samples, hardly anything can be said of what it hides. */
const MIN_SEEN = 0.5;

/**
 * The share that each value of a series keeps of the one before it: the correlation of neighbours, which short series show too small,
 * and which the chance of the samples in each value hides in part.
 *
 * Sources: M. G. Kendall, "Note on Bias in the Estimation of Autocorrelation", Biometrika 41 (1954); C. Spearman, "The Proof and
 * Measurement of Association between Two Things", Am. J. Psychol. 15 (1904).
 *
 * @param leastError the standard error of the mean of the series if all samples were independent
 */
export function keptShare(values: readonly number[], leastError: number): number {
  const count = values.length;
  const shown = lagCorrelation(values);
  const seen = Math.max(MIN_SEEN, 1 - (leastError ** 2 * count) / sampleVariance(values));
  const whole = shown > SURE / Math.sqrt(count) ? Math.min(1, shown / seen) : shown;
  return Math.min(MAX_KEPT, Math.max(0, whole + (1 + 4 * whole) / count));
}

/** How many standard errors above its estimate the share that is kept may lie: it is higher in one series of six. */
const DOUBT = 1;

/**
 * The greatest share that each of so many values may keep of the one before it, where so much is estimated. A short series tells
 * badly how alike its values are, and one whose values happen to look independent would be believed too much. The bound is taken on
 * the scale of the arcsine, on which the error hardly depends on the share: 1 / √count.
 *
 * Source: G. M. Jenkins, "An Angular Transformation for the Serial Correlation Coefficient", Biometrika 41 (1954).
 */
export function keptAtMost(share: number, count: number): number {
  const angle = Math.asin(share) + DOUBT / Math.sqrt(count);
  return Math.min(MAX_KEPT, Math.sin(Math.min(Math.PI / 2, angle)));
}

/**
 * How many independent values say as much about the mean as a long series of so many.
 * Source: G. V. Bayley, J. M. Hammersley, "The 'Effective' Number of Independent Observations in an Autocorrelated Time Series",
 * Suppl. J. R. Stat. Soc. 8 (1946).
 */
export function independentValues(count: number, kept: number): number {
  return (count * (1 - kept)) / (1 + kept);
}

/**
 * The standard error of the mean of a series whose each value keeps a share of the one before it; short series show their spread too
 * small as well. Source: as for {@link independentValues}.
 */
export function persistenceError(values: readonly number[], kept: number): number {
  const count = values.length;
  let shared = 1;
  for (let lag = 1; lag < count; lag++) shared += 2 * (1 - lag / count) * kept ** lag;
  const share = shared / count;
  const around = (sampleVariance(values) * (count - 1)) / count;
  return Math.sqrt((around * share) / (1 - share));
}

/** The correlation of each value with the next; 0 when all are equal. */
export function lagCorrelation(values: readonly number[]): number {
  const center = meanOf(values);
  const around = values.map((value) => value - center);
  const spread = around.reduce((sum, value) => sum + value * value, 0);
  const shared = around.slice(1).reduce((sum, value, i) => sum + value * (around[i] as number), 0);
  return spread === 0 ? 0 : shared / spread;
}

/**
 * From several runs a side: how much runs of one side differ is all the noise that there is, and runs after a change are taken to differ
 * as much as those before it. So a single run beside several can be compared too, and three runs a side have four degrees of freedom.
 * If nothing has changed that is exact; where a change makes runs differ more, as well as slower, false alarms are somewhat more
 * frequent: 7 % in place of 5 % with three runs on each side that then differ twice as much, and more where the side with fewer runs
 * is the one that differs more.
 *
 * Sources: R. A. Fisher, "Applications of 'Student's' Distribution", Metron 5 (1925); J. R. Crawford, D. C. Howell, "Comparing an Individual's Test
 * Score Against Norms", The Clinical Neuropsychologist 12 (1998).
 *
 * @param before the figure of each run on its scale; together with `after` at least three
 * @param leastError as for {@link pairedEstimate}
 */
export function betweenRuns(before: readonly number[], after: readonly number[], leastError: number): Estimate {
  const degreesOfFreedom = before.length + after.length - 2;
  const variance = (squaresOf(before) + squaresOf(after)) / degreesOfFreedom;
  return {
    change: meanOf(after) - meanOf(before),
    standardError: Math.max(leastError, Math.sqrt(variance * (1 / before.length + 1 / after.length))),
    degreesOfFreedom,
  };
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Divided by one less than there are values. */
function sampleVariance(values: readonly number[]): number {
  return squaresOf(values) / (values.length - 1);
}

/** The squared distances from their mean, added up. */
function squaresOf(values: readonly number[]): number {
  const center = meanOf(values);
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0);
}
