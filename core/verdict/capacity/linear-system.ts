/**
 * Solves a small system of linear equations, by elimination with partial pivoting.
 * @param matrix row by row, square
 * @returns undefined when it has no single solution
 */
export function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | undefined {
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
