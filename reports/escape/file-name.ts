const LONGEST = 60;

/** Unique file names of letters, digits, `-`, `_` and inner dots for names of any kind, in the given order. */
export function fileNames(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name) => {
    const plain =
      [...name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^[._]+/, '')].slice(0, LONGEST).join('') || '_';
    let unique = plain;
    // Some file systems ignore case.
    for (let n = 2; used.has(unique.toLowerCase()); n++) unique = `${plain}-${n}`;
    used.add(unique.toLowerCase());
    return unique;
  });
}
