/** Student's t distribution, for any positive number of degrees of freedom. */

/**
 * The probability that |T| is at least |t|.
 *
 * Source: M. Abramowitz, I. A. Stegun, "Handbook of Mathematical Functions", 26.7.1 and 26.5.27: it is the regularized
 * incomplete beta function I(x; ν/2, 1/2) at x = ν / (ν + t²).
 */
export function studentTails(t: number, degreesOfFreedom: number): number {
  if (!Number.isFinite(t)) return 0;
  const square = t * t;
  // For a small t, x is so close to 1 that its digits would be lost.
  if (square < degreesOfFreedom)
    return 1 - incompleteBeta(square / (degreesOfFreedom + square), 0.5, degreesOfFreedom / 2);
  return incompleteBeta(degreesOfFreedom / (degreesOfFreedom + square), degreesOfFreedom / 2, 0.5);
}

/** The t that |T| exceeds with this probability. @param tails above 0 and at most 1 */
export function studentQuantile(tails: number, degreesOfFreedom: number): number {
  let low = 0;
  let high = 1;
  while (studentTails(high, degreesOfFreedom) > tails) {
    low = high;
    high *= 2;
  }
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (studentTails(middle, degreesOfFreedom) > tails) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The regularized incomplete beta function. Source: W. H. Press and others, "Numerical Recipes", 3rd ed., section 6.4. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The continued fraction converges fast only on this side of the mean.
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

const MAX_TERMS = 10_000;
const LEAST = 1e-300;

/** By the modified method of Lentz. */
function betaFraction(x: number, a: number, b: number): number {
  const above0 = (value: number) => (Math.abs(value) < LEAST ? LEAST : value);
  let c = 1;
  let d = 1 / above0(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / above0(1 + even * d);
    c = above0(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / above0(1 + odd * d);
    c = above0(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return fraction;
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

/** For x ≥ 0.5. Source: C. Lanczos, "A Precision Approximation of the Gamma Function", SIAM J. Numer. Anal. B 1 (1964), g = 7. */
function logGamma(x: number): number {
  const z = x - 1;
  const series = LANCZOS.reduce((sum, coefficient, i) => sum + coefficient / (z + i + 1), 0.9999999999998099);
  const t = z + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(series);
}
