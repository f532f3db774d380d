import { type Document, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml';

/**
 * Finds the line of a problem's path, such as `scenarios.devices.stages[2].duration`, in the text it came from.
 * For a path that leads further than the text, such as that of a missing key, it is the line of the last part that exists.
 */
export function lineFinder(document: Document, lines: LineCounter): (path: string) => number | undefined {
  return (path) => {
    let node: unknown = document.contents;
    let at = offsetOf(node);
    let rest = path;
    while (rest !== '') {
      const step = isSeq(node) ? intoList(node.items, rest) : isMap(node) ? intoMap(node.items, rest) : undefined;
      if (step === undefined) break;
      ({ node, at, rest } = step);
    }
    return at === undefined || path === '' ? undefined : lines.linePos(at).line;
  };
}

interface Step {
  readonly node: unknown;
  /** Offset in the text: of the key in a map, of the value in a list. */
  readonly at: number | undefined;
  readonly rest: string;
}

function intoList(items: readonly unknown[], path: string): Step | undefined {
  const match = /^\[(\d+)\]\.?/.exec(path);
  if (match === null) return undefined;
  const node = items[Number(match[1])];
  return node === undefined ? undefined : { node, at: offsetOf(node), rest: path.slice(match[0].length) };
}

/** Keys may contain dots themselves, so the longest key that the path begins with is chosen. */
function intoMap(items: readonly Pair[], path: string): Step | undefined {
  let best: Step | undefined;
  let bestLength = -1;
  for (const { key, value } of items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    const next = path.charAt(name.length);
    if (!path.startsWith(name) || !['', '.', '['].includes(next) || name.length <= bestLength) continue;
    bestLength = name.length;
    best = { node: value, at: offsetOf(key), rest: path.slice(name.length + (next === '.' ? 1 : 0)) };
  }
  return best;
}

function offsetOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
