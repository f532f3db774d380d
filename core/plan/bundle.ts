/** A module or a file that a plan names, as it travels with the run. */
export interface BundleEntry {
  /** A module is a plugin, a shape or a script with everything that it imports; everything else is a file. */
  readonly kind: 'module' | 'file';
  /** As the plan names it, such as `./driver.ts` or `users.csv`. */
  readonly name: string;
  /** The hash of its content: 64 hexadecimal digits in lower case. */
  readonly sha256: string;
  readonly bytes: number;
}

/** How much the entries of one run may have together: data files are kept in memory by each agent. */
export const MAX_BUNDLE_BYTES = 256 << 20;
const MAX_ENTRIES = 1000;
const MAX_NAME_CHARACTERS = 4096;
const SHA256 = /^[0-9a-f]{64}$/;

/** What is wrong with a bundle that somebody has sent, in a sentence; undefined when nothing is. */
export function bundleProblem(entries: readonly BundleEntry[]): string | undefined {
  if (entries.length > MAX_ENTRIES)
    return `it names ${entries.length} modules and files, and a run may have ${MAX_ENTRIES}`;
  const sizes = new Map<string, number>();
  for (const { name, sha256, bytes } of entries) {
    if (name === '' || name.length > MAX_NAME_CHARACTERS || name.includes('\0'))
      return `one of its files has a name that is empty, has a NUL character or more than ${MAX_NAME_CHARACTERS} characters`;
    if (!SHA256.test(sha256)) return `the hash of ${name} is no SHA-256 in hexadecimal digits`;
    if (!Number.isSafeInteger(bytes) || bytes < 0) return `the size of ${name} is no number of bytes`;
    if ((sizes.get(sha256) ?? bytes) !== bytes) return `the size of ${name} is not that of another file with its hash`;
    sizes.set(sha256, bytes);
  }
  const bytes = bytesOf(entries);
  return bytes > MAX_BUNDLE_BYTES ? tooLarge(entries) : undefined;
}

/** How many bytes the entries have together. The same content counts once. */
export function bytesOf(entries: readonly BundleEntry[]): number {
  const contents = new Map(entries.map(({ sha256, bytes }) => [sha256, bytes]));
  return [...contents.values()].reduce((sum, bytes) => sum + bytes, 0);
}

function tooLarge(entries: readonly BundleEntry[]): string {
  const [largest] = [...entries].sort((a, b) => b.bytes - a.bytes) as [BundleEntry];
  const all = `what the plan names has ${inMebibytes(bytesOf(entries))}`;
  return `${all}, and ${inMebibytes(MAX_BUNDLE_BYTES)} can be sent with a run: the largest is ${largest.name} with ${inMebibytes(largest.bytes)}`;
}

function inMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / (1 << 20))} MiB`;
}
