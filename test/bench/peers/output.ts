import { BenchmarkError } from '../benchmark-error.ts';

const US_OF: Readonly<Record<string, number>> = { us: 1, ms: 1000, s: 1e6, m: 60e6 };

/** A duration as wrk and others print it, such as `333.00us`, `0.96ms` or `1.02s`, in microseconds. */
export function printedDurationUs(text: string): number | undefined {
  const match = /^([\d.]+)(us|ms|s|m)$/.exec(text);
  const unit = US_OF[match?.[2] ?? ''];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

/** The number that the pattern's first group catches. */
export function printedNumber(stdout: string, pattern: RegExp, peer: string): number {
  const text = pattern.exec(stdout)?.[1];
  if (text === undefined) throw new BenchmarkError(`${peer} printed no ${pattern}: ${shortened(stdout)}`);
  return Number(text);
}

export function printedJson(stdout: string, peer: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    throw new BenchmarkError(`${peer} printed no JSON: ${shortened(stdout)}`);
  }
}

function shortened(text: string): string {
  const trimmed = text.trim();
  return trimmed === '' ? 'it printed nothing' : trimmed.slice(0, 300);
}
