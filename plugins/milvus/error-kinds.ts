/**
 * Errors that a load test has to tell apart, by the code of a status
 * (https://github.com/milvus-io/milvus/blob/v2.3.5/pkg/util/merr/errors.go).
 */
const KINDS: Readonly<Record<number, string>> = {
  1: 'not_ready',
  2: 'unavailable',
  3: 'memory_exhausted',
  4: 'too_many_requests',
  5: 'internal',
  7: 'disk_exhausted',
  8: 'rate_limited',
  9: 'quota',
  100: 'collection_missing',
  101: 'not_loaded',
  103: 'not_fully_loaded',
  200: 'partition_missing',
  201: 'not_loaded',
  503: 'channel_unavailable',
  601: 'not_loaded',
  700: 'no_index',
  701: 'index_unsupported',
  800: 'database_missing',
  1100: 'invalid_parameter',
  1101: 'missing_parameter',
  1102: 'parameter_too_large',
  1400: 'unauthenticated',
  1401: 'not_permitted',
  10000: 'canceled',
  10001: 'timeout',
  65535: 'unexpected',
};

/** As {@link KINDS}, by the field error_code, which is all that older servers send. */
const LEGACY_KINDS: Readonly<Record<number, string>> = {
  1: 'unexpected',
  3: 'not_permitted',
  4: 'collection_missing',
  5: 'invalid_parameter',
  6: 'invalid_parameter',
  7: 'invalid_parameter',
  8: 'index_unsupported',
  24: 'memory_exhausted',
  25: 'no_index',
  28: 'collection_missing',
  48: 'quota',
  49: 'rate_limited',
  53: 'memory_exhausted',
  54: 'disk_exhausted',
  56: 'not_ready',
};

/** With these Milvus refuses a call before it does anything. */
const REFUSALS: ReadonlySet<string> = new Set([
  'collection_missing',
  'partition_missing',
  'database_missing',
  'invalid_parameter',
  'missing_parameter',
  'parameter_too_large',
  'unauthenticated',
  'not_permitted',
  'rate_limited',
  'too_many_requests',
  'quota',
  'memory_exhausted',
  'disk_exhausted',
]);

/** After these the same may work soon. */
const PASSING: ReadonlySet<string> = new Set([
  'connection_refused',
  'connection_closed',
  'connection_reset',
  'connect_timeout',
  'deadline_exceeded',
  'unavailable',
  'not_ready',
  'rate_limited',
  'too_many_requests',
  'channel_unavailable',
  'not_fully_loaded',
  'timeout',
]);

/** @returns the kind of an error; empty for a status that says that all is well */
export function errorKind({ code, errorCode }: { readonly code: number; readonly errorCode: number }): string {
  if (code === 0 && errorCode === 0) return '';
  // milvus-lite has the number of error_code in both where it knows no other.
  const legacy = code === 0 || code === errorCode ? LEGACY_KINDS[errorCode] : undefined;
  return legacy ?? KINDS[code] ?? (code === 0 ? `milvus_error_${errorCode}` : `milvus_${code}`);
}

/**
 * Whether a write may have had its effect all the same: true for an error that is not known here.
 * @param kind of {@link errorKind}
 */
export function mayHaveActed(kind: string): boolean {
  return !REFUSALS.has(kind);
}

/** @param kind of {@link errorKind}, or that of a call which had no answer */
export function mayPass(kind: string): boolean {
  return PASSING.has(kind);
}
