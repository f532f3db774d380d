import { close, closeSync, fstatSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { errorMessage } from '../../../core/error.ts';
import { openPlanFile, planPath } from '../../../core/plan-files.ts';
import { PluginError } from '../../../core/plugin.ts';
import { type Layout, layoutOf, texmexLayout, VALUE_BYTES, withoutHeads } from './texmex-file.ts';
import type { VectorSource } from './vector-source.ts';

/** Rows and dimensions, as int32 (https://big-ann-benchmarks.com/neurips21.html). */
const HEADER_BYTES = 8;
/** How much is read at a time of rows with heads, which are copied then. */
const PIECE_BYTES = 1 << 20;
/** Names of files of the same two kinds, whose values are bytes. */
const OF_BYTES = /\.(?:bvecs|[iu]8bin)$/i;
const IS_OF_BYTES = 'has values of one byte: make a .fbin or .fvecs file of it, with values of float32';

/**
 * Looks at a .fbin or .fvecs file without reading it.
 * @returns what it has, or what is wrong with it, as a clause that follows its name
 */
export function vectorFile(name: string, baseDirectory: string, dim: number): Layout | string {
  let file: number | undefined;
  try {
    file = openPlanFile(planPath(baseDirectory, name));
    const { size } = fstatSync(file);
    const found = layoutOf(name, fbinLayout(file, size), texmexLayout(file, size));
    if (typeof found === 'string') return OF_BYTES.test(name) ? IS_OF_BYTES : found;
    if (found.width !== dim) return `has vectors of ${found.width} dimensions, and the field has dim: ${dim}`;
    return found;
  } catch (error) {
    return `cannot be read: ${errorMessage(error)}`;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function fbinLayout(file: number, size: number): Layout | string {
  const header = Buffer.alloc(HEADER_BYTES);
  if (readSync(file, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return 'is no .fbin file: it has no header';
  const [rows, width] = [header.readInt32LE(0), header.readInt32LE(4)];
  if (rows < 1 || width < 1) return `is no .fbin file: it would have ${rows} rows of ${width} dimensions`;
  const whole = Math.floor((size - HEADER_BYTES) / (width * VALUE_BYTES));
  if (whole < rows) return `ends early: it has ${whole} of the ${rows} rows that its header tells of`;
  return { rows, width, headBytes: HEADER_BYTES, rowHeadBytes: 0 };
}

/** @throws {PluginError} for a file that is none, or has other dimensions */
export async function vectorsOfFile(name: string, baseDirectory: string, dim: number): Promise<VectorSource> {
  const found = vectorFile(name, baseDirectory, dim);
  if (typeof found === 'string') throw new PluginError(`${name} ${found}`);
  const { headBytes, rowHeadBytes } = found;
  const rowBytes = rowHeadBytes + dim * VALUE_BYTES;
  const file = openPlanFile(planPath(baseDirectory, name));
  const readRow = async (bytes: Buffer, row: number) => {
    const bytesRead = await bytesAt(file, bytes, headBytes + row * rowBytes);
    if (bytesRead < bytes.length) throw new PluginError(`${name} ends early: it has changed while it was read`);
  };
  return {
    description: `the vectors of ${name}`,
    rows: found.rows,
    async fill(first, into) {
      const bytes = Buffer.from(into.buffer, into.byteOffset, into.byteLength);
      if (rowHeadBytes === 0) return readRow(bytes, first);
      const rows = into.length / dim;
      const most = Math.min(rows, Math.max(1, Math.floor(PIECE_BYTES / rowBytes)));
      const piece = Buffer.allocUnsafe(most * rowBytes);
      for (let row = 0; row < rows; row += most) {
        const some = piece.subarray(0, Math.min(most, rows - row) * rowBytes);
        await readRow(some, first + row);
        const problem = withoutHeads(some, bytes.subarray(row * dim * VALUE_BYTES), found, first + row);
        if (problem !== undefined) throw new PluginError(`${name} ${problem}`);
      }
    },
    close: () => promisify(close)(file),
  };
}

/** @returns how many bytes were read */
function bytesAt(file: number, into: Buffer, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(file, into, 0, into.length, at, (error, count) => (error ? reject(error) : resolve(count)));
  });
}
