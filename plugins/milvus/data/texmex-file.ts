import { readSync } from 'node:fs';

/** The size of each value, and of the number of values before each row. */
export const VALUE_BYTES = 4;

/** What a file of rows has, after `headBytes`; before each row are `rowHeadBytes`. */
export interface Layout {
  readonly rows: number;
  readonly width: number;
  readonly headBytes: number;
  readonly rowHeadBytes: number;
}

/**
 * Looks whether a file is of the format of TEXMEX (.fvecs, .ivecs; http://corpus-texmex.irisa.fr): each row is the number of its
 * values as int32, and then these. Its size must be that of whole rows, and its second and its last row as wide as the first.
 * @param file a descriptor
 * @returns what is wrong with it, as a clause that follows its name, where it is none
 */
export function texmexLayout(file: number, size: number): Layout | string {
  const head = Buffer.alloc(VALUE_BYTES);
  const widthAt = (at: number) => (readSync(file, head, 0, VALUE_BYTES, at) < VALUE_BYTES ? 0 : head.readInt32LE(0));
  const width = widthAt(0);
  const rowBytes = (1 + width) * VALUE_BYTES;
  const rows = Math.floor(size / rowBytes);
  if (width < 1 || rows < 1) {
    return `is no .fvecs or .ivecs file: its first row would have ${width} values, and it has ${size} bytes`;
  }
  const wrong = [1, rows - 1].filter((row) => row > 0 && row < rows).find((row) => widthAt(row * rowBytes) !== width);
  if (wrong !== undefined) return otherWidth(wrong, widthAt(wrong * rowBytes), width);
  if (size % rowBytes === 0) return { rows, width, headBytes: 0, rowHeadBytes: VALUE_BYTES };
  return `ends early: of the row ${rows} (from 0) it has ${size % rowBytes} of ${rowBytes} bytes`;
}

/** What a file is, by its content; by its name only where that fits both or neither. */
export function layoutOf(name: string, plain: Layout | string, texmex: Layout | string): Layout | string {
  const [likely, other] = /\.[fi]vecs$/i.test(name) ? [texmex, plain] : [plain, texmex];
  return typeof likely === 'string' && typeof other !== 'string' ? other : likely;
}

/**
 * Copies the values of rows that were read with their heads.
 * @param first number of the first of them
 * @returns what is wrong with them, as {@link texmexLayout} does
 */
export function withoutHeads(
  bytes: Buffer,
  into: Buffer,
  { width, rowHeadBytes }: Layout,
  first: number,
): string | undefined {
  const valueBytes = width * VALUE_BYTES;
  for (let from = 0, to = 0; from < bytes.length; from += rowHeadBytes + valueBytes, to += valueBytes) {
    const values = bytes.readInt32LE(from);
    if (values !== width) return otherWidth(first + to / valueBytes, values, width);
    bytes.copy(into, to, from + rowHeadBytes, from + rowHeadBytes + valueBytes);
  }
  return undefined;
}

function otherWidth(row: number, values: number, width: number): string {
  return `is damaged: the row ${row} (from 0) would have ${values} values, and those before it have ${width}`;
}
