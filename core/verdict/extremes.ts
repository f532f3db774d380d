/** For long arrays, which `Math.min(...values)` cannot take as arguments. @returns Infinity for no values */
export function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

/** As {@link least}. @returns -Infinity for no values */
export function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}
