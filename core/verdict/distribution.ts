import { type EncodedHistogram, Histogram } from '../stats/histogram.ts';
import { Distribution } from '../stats/merge-encoded.ts';

/** Shared by all merges, because it is much larger than their results. */
const scratch = new Histogram();

/** Merges histograms. */
export function merged(parts: readonly EncodedHistogram[]): Distribution {
  const [first, ...others] = parts.filter(({ indices }) => indices.length > 0);
  if (first !== undefined && others.length === 0) return new Distribution(first);
  scratch.clear();
  for (const part of parts) scratch.addEncoded(part);
  return new Distribution(scratch.encode());
}
