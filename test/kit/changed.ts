// biome-ignore-all lint/suspicious/noTemplateCurlyInString: plans have such references
const ODD: readonly unknown[] = ['', -1, null, {}, ['x'], 'x '.repeat(200), '${env:HOME}'];

/** A value with another one at each place, with none, and with one more key: whatever somebody may write there. */
export function* changed(
  value: unknown,
  put: (value: unknown) => unknown = (one) => one,
  isWhole = true,
): Generator<unknown> {
  for (const odd of ODD) yield put(odd);
  if (!isWhole) yield put(undefined);
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield put({ ...value, unknwon: 1 });
  for (const [key, inner] of Object.entries(value)) {
    const changedAt = (one: unknown) => {
      if (Array.isArray(value)) return put(value.map((old, i) => (i === Number(key) ? one : old)));
      return put({ ...value, [key]: one });
    };
    yield* changed(inner, changedAt, false);
  }
}
