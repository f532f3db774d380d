const LONGEST = 60;

/** File names for names of any kind: letters, digits, `-`, `_` and inner dots, each one once. In the order given. */
export function fileNames(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name) => {
    const plain =
      [...name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^[._]+/, '')].slice(0, LONGEST).join('') || '_';
    let unique = plain;
    // Without regard to case, as some file systems have it.
    for (let n = 2; used.has(unique.toLowerCase()); n++) unique = `${plain}-${n}`;
    used.add(unique.toLowerCase());
    return unique;
  });
}
