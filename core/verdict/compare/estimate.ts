/** How far a figure is from before to after, and how sure that is. */
export interface Estimate {
  /** On the scale of the figure: a logarithm of a ratio, or a difference. */
  readonly change: number;
  /** Of `change`; never 0, because every figure is read with some error. */
  readonly standardError: number;
  readonly degreesOfFreedom: number;
}

/**
 * From one run a side, each cut into the same number of stretches of time. The first stretch of one run is taken with the first of
 * the other, and so on, so that a load that rises in both alike, or a cache that fills in both alike, is no noise. What response
 * times have to do with the ones before them stays inside a stretch; what neighbouring stretches still have in common
 * makes n of them worth n (1 − r) / (1 + r), with their correlation r.
 *
 * Sources: B. Schmeiser, "Batch Size Effects in the Analysis of Simulation Output", Operations Research 30 (1982), for 10 to 30
 * stretches; G. V. Bayley, J. M. Hammersley, "The 'Effective' Number of Independent Observations in an Autocorrelated Time
 * Series", Suppl. J. R. Stat. Soc. 8 (1946), for what they are worth; Student's t for pairs.
 *
 * @param change between the whole runs
 * @param before one value for each stretch, such as its share of the run's figure
 * @param leastError the standard error if all samples were independent, or what a figure can be read to: the estimate has no less
 */
export function pairedEstimate(
  change: number,
  before: readonly number[],
  after: readonly number[],
  leastError: number,
): Estimate {
  const differences = after.map((value, i) => value - (before[i] as number));
  const count = differences.length;
  const shared = Math.min(MOST_CORRELATION, Math.max(0, lagCorrelation(differences)));
  const effective = (count * (1 - shared)) / (1 + shared);
  return {
    change,
    standardError: Math.max(leastError, Math.sqrt(sampleVariance(differences) / effective)),
    degreesOfFreedom: Math.max(1, effective - 1),
  };
}

/** A value for which 10 stretches are worth about one. */
const MOST_CORRELATION = 0.8;

/** The correlation of each value with the next; 0 when all are equal. */
export function lagCorrelation(values: readonly number[]): number {
  const center = meanOf(values);
  const around = values.map((value) => value - center);
  const spread = around.reduce((sum, value) => sum + value * value, 0);
  const shared = around.slice(1).reduce((sum, value, i) => sum + value * (around[i] as number), 0);
  return spread === 0 ? 0 : shared / spread;
}

/**
 * From several runs a side: how much runs of one side differ is all the noise that there is. With two or more a side by Welch; a
 * single run beside several is taken to differ from its like as much as those do.
 *
 * Sources: B. L. Welch, "The Generalization of 'Student's' Problem", Biometrika 34 (1947); J. R. Crawford, D. C. Howell,
 * "Comparing an Individual's Test Score Against Norms", The Clinical Neuropsychologist 12 (1998).
 *
 * @param before the figure of each run on its scale; together with `after` at least three
 * @param leastError as for {@link pairedEstimate}
 */
export function betweenRuns(before: readonly number[], after: readonly number[], leastError: number): Estimate {
  const change = meanOf(after) - meanOf(before);
  const [n, m] = [before.length, after.length];
  const freedom = n + m - 2;
  if (n === 1 || m === 1) {
    const pooled = sampleVariance(n === 1 ? after : before);
    return {
      change,
      standardError: Math.max(leastError, Math.sqrt(pooled * (1 / n + 1 / m))),
      degreesOfFreedom: freedom,
    };
  }
  const [a, b] = [sampleVariance(before) / n, sampleVariance(after) / m];
  const welch = a + b === 0 ? freedom : (a + b) ** 2 / (a ** 2 / (n - 1) + b ** 2 / (m - 1));
  return { change, standardError: Math.max(leastError, Math.sqrt(a + b)), degreesOfFreedom: welch };
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Divided by one less than there are values. */
export function sampleVariance(values: readonly number[]): number {
  const center = meanOf(values);
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1);
}
