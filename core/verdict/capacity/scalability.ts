/** The throughput of a target with so much at work at once. */
export interface LoadPoint {
  /** Virtual users, or requests in flight; above 0. */
  readonly load: number;
  readonly perSecond: number;
}

/**
 * The Universal Scalability Law, X(N) = λN / (1 + σ(N − 1) + κN(N − 1)), fitted to measured levels.
 *
 * Source: N. J. Gunther, "A General Theory of Computational Scalability Based on Rational Functions", arXiv:0808.1431 (2008).
 */
export interface ScalabilityFit {
  /** λ: requests per second of one user alone. */
  readonly perUser: number;
  /** σ: the share of the work that only one can do at a time. */
  readonly contention: number;
  /** κ: the cost of keeping each in step with each other; above 0, throughput falls beyond a peak. */
  readonly coherence: number;
  /** Standard errors; 0 for one that the fit holds at its bound of 0. */
  readonly errors: { readonly perUser: number; readonly contention: number; readonly coherence: number };
  /** How far measured throughput lies from the curve: the standard error of the fit as a share of the mean throughput. */
  readonly misfit: number;
  /** Where the curve is highest, √((1 − σ) / κ); undefined where it has no peak. */
  readonly peak: LoadPoint | undefined;
  /** What throughput approaches and never exceeds, λ / σ, where there is no peak; undefined where it grows without end. */
  readonly ceiling: number | undefined;
}

/** Levels of one run: with fewer the curve through them says little, however close it lies. */
const MIN_LOADS = 5;

/** Which parameters are free: where the best of all is below 0, the best within bounds has one or both of them at 0. */
const FREE = [[0, 1, 2], [0, 1], [0, 2], [0]] as const;

type Parameters = readonly [perUser: number, contention: number, coherence: number];

/**
 * Fits the law by least squares, with contention and coherence at least 0.
 * @param points in any order; a curve of as many parameters as points is not tried, since nothing would be left to tell its error by
 * @param minLoads how many different loads there must be; at least 2
 * @returns undefined for fewer different loads, or without throughput
 */
export function fitScalability(points: readonly LoadPoint[], minLoads = MIN_LOADS): ScalabilityFit | undefined {
  if (new Set(points.map(({ load }) => load)).size < minLoads) return undefined;
  if (!points.some(({ perSecond }) => perSecond > 0)) return undefined;
  const start = firstGuess(points);
  const fits = FREE.filter((free) => free.length < points.length)
    .map((free) => ({ free, parameters: refined(points, start, free) }))
    .filter(({ parameters: [perUser, contention, coherence] }) => perUser > 0 && contention >= 0 && coherence >= 0)
    .map((fit) => ({ ...fit, squares: squaresOf(points, fit.parameters) }));
  const best = fits.reduce<(typeof fits)[number] | undefined>(
    (a, b) => (a && a.squares <= b.squares ? a : b),
    undefined,
  );
  return best && described(points, best.parameters, best.free, best.squares);
}

/** Requests per second with so much at work at once. */
export function throughputAt({ perUser, contention, coherence }: ScalabilityFit, load: number): number {
  return valueAt([perUser, contention, coherence], load);
}

function valueAt([perUser, contention, coherence]: Parameters, load: number): number {
  return (perUser * load) / (1 + contention * (load - 1) + coherence * load * (load - 1));
}

function squaresOf(points: readonly LoadPoint[], parameters: Parameters): number {
  return points.reduce((sum, { load, perSecond }) => sum + (perSecond - valueAt(parameters, load)) ** 2, 0);
}

/** N / X(N) is linear in 1/λ, σ/λ and κ/λ; weighted by how throughput depends on it. */
function firstGuess(points: readonly LoadPoint[]): Parameters {
  const rows = points
    .filter(({ perSecond }) => perSecond > 0)
    .map(({ load, perSecond }) => {
      const weight = perSecond ** 2 / load;
      return { terms: [1, load - 1, load * (load - 1)].map((term) => term * weight), value: perSecond };
    });
  const least = solve(
    [0, 1, 2].map((i) => [0, 1, 2].map((j) => sum(rows.map(({ terms }) => at(terms, i) * at(terms, j))))),
    [0, 1, 2].map((i) => sum(rows.map(({ terms, value }) => at(terms, i) * value))),
  );
  const [inverse = 0, contention = 0, coherence = 0] = least ?? [];
  const steepest = Math.max(...points.map(({ load, perSecond }) => perSecond / load));
  const perUser = inverse > 0 ? 1 / inverse : steepest;
  return [perUser, Math.max(0, contention * perUser), Math.max(0, coherence * perUser)];
}

const MAX_STEPS = 500;
const MAX_DAMPING = 1e12;

/**
 * The method of Levenberg and Marquardt. Source: D. W. Marquardt, "An Algorithm for Least-Squares Estimation of Nonlinear
 * Parameters", J. SIAM 11 (1963).
 * @param free the places of the parameters that may change; the others are 0
 */
function refined(points: readonly LoadPoint[], start: Parameters, free: readonly number[]): Parameters {
  let parameters = start.map((value, i) => (free.includes(i) ? value : 0)) as unknown as Parameters;
  let squares = squaresOf(points, parameters);
  let damping = 1e-3;
  for (let step = 0; step < MAX_STEPS && damping < MAX_DAMPING; step++) {
    const { normal, slope } = normalEquations(points, parameters, free);
    const damped = normal.map((row, i) => row.map((value, j) => (i === j ? value * (1 + damping) : value)));
    const change = solve(damped, slope);
    const next = change && (parameters.map((value, i) => value + at(change, free.indexOf(i))) as unknown as Parameters);
    const nextSquares = next === undefined ? Number.POSITIVE_INFINITY : squaresOf(points, next);
    if (next === undefined || !(nextSquares <= squares)) {
      damping *= 10;
      continue;
    }
    const isDone = squares - nextSquares <= 1e-15 * squares;
    parameters = next;
    squares = nextSquares;
    damping = Math.max(1e-15, damping / 10);
    if (isDone) break;
  }
  return parameters;
}

function normalEquations(points: readonly LoadPoint[], parameters: Parameters, free: readonly number[]) {
  const [perUser, contention, coherence] = parameters;
  const rows = points.map(({ load, perSecond }) => {
    const divisor = 1 + contention * (load - 1) + coherence * load * (load - 1);
    const slowed = (-perUser * load * (load - 1)) / divisor ** 2;
    return { slopes: [load / divisor, slowed, slowed * load], rest: perSecond - (perUser * load) / divisor };
  });
  return {
    normal: free.map((i) => free.map((j) => sum(rows.map(({ slopes }) => at(slopes, i) * at(slopes, j))))),
    slope: free.map((i) => sum(rows.map(({ slopes, rest }) => at(slopes, i) * rest))),
  };
}

function described(
  points: readonly LoadPoint[],
  parameters: Parameters,
  free: readonly number[],
  squares: number,
): ScalabilityFit {
  const [perUser, contention, coherence] = parameters;
  const variance = squares / (points.length - free.length);
  const { normal } = normalEquations(points, parameters, free);
  const errorOf = (parameter: number) => {
    const place = free.indexOf(parameter);
    if (place < 0) return 0;
    const column = solve(
      normal,
      free.map((_, i) => (i === place ? 1 : 0)),
    );
    return Math.sqrt(variance * Math.max(0, at(column ?? [], place)));
  };
  const peakLoad = Math.sqrt((1 - contention) / coherence);
  const hasPeak = coherence > 0 && contention < 1;
  return {
    perUser,
    contention,
    coherence,
    errors: { perUser: errorOf(0), contention: errorOf(1), coherence: errorOf(2) },
    misfit: Math.sqrt(variance) / (sum(points.map(({ perSecond }) => perSecond)) / points.length),
    peak: hasPeak ? { load: peakLoad, perSecond: valueAt(parameters, peakLoad) } : undefined,
    ceiling: !hasPeak && contention > 0 ? perUser / contention : undefined,
  };
}

/** 0 beyond the end, which stands for a parameter that is not free. */
function at(values: readonly number[], place: number): number {
  return values[place] ?? 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * Solves a small system of linear equations, by elimination with partial pivoting.
 * @param matrix row by row, square
 * @returns undefined when it has no single solution
 */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | undefined {
  const size = right.length;
  // Rows that differ by many powers of ten are made comparable, or the choice of the pivot would mean nothing.
  const rows = matrix.map((row, i) => {
    const largest = Math.max(...row.map(Math.abs));
    return [...row, right[i] as number].map((value) => value / (largest || 1));
  });
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let i = column + 1; i < size; i++) {
      if (Math.abs(rows[i]?.[column] as number) > Math.abs(rows[pivot]?.[column] as number)) pivot = i;
    }
    const [chosen, other] = [rows[pivot] as number[], rows[column] as number[]];
    rows[column] = chosen;
    rows[pivot] = other;
    if (!(Math.abs(chosen[column] as number) > 1e-300)) return undefined;
    for (const row of rows) {
      if (row === chosen) continue;
      const factor = (row[column] as number) / (chosen[column] as number);
      for (let k = column; k <= size; k++) row[k] = (row[k] as number) - factor * (chosen[k] as number);
    }
  }
  return rows.map((row, i) => (row[size] as number) / (row[i] as number));
}
