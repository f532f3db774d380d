import { closeSync, fstatSync, readSync } from 'node:fs';
import { errorMessage } from '../../../core/error.ts';
import { openPlanFile, planPath } from '../../../core/plan-files.ts';
import { type Layout, layoutOf, texmexLayout, VALUE_BYTES, withoutHeads } from './texmex-file.ts';

/** Queries and how many rows are known of each, as uint32. */
const HEADER_BYTES = 8;
/** https://milvus.io/docs/limitations.md */
const MAX_K = 16_384;
/** They are in memory: 256 MiB. */
const MAX_IDS = 64 << 20;

/** The nearest rows of queries: their ids, k for each query, nearest first. */
export interface TruthFile {
  readonly queries: number;
  readonly k: number;
  readonly ids: Uint32Array;
}

/**
 * Reads a file of nearest rows: an .ivecs file, or a header, then ids as uint32, then often distances, which are not read
 * (https://big-ann-benchmarks.com/neurips21.html, "ground truth").
 * @param most for how many queries at most
 * @returns what is wrong with it, as a clause that follows its name, where it is none
 */
export function readTruthFile(name: string, baseDirectory: string, most: number): TruthFile | string {
  let file: number | undefined;
  try {
    file = openPlanFile(planPath(baseDirectory, name));
    const { size } = fstatSync(file);
    const found = layoutOf(name, binLayout(file, size), texmexLayout(file, size));
    if (typeof found === 'string') return found;
    const { rows, width: k, headBytes, rowHeadBytes } = found;
    if (k > MAX_K) return `has ${k} rows for each query, and Milvus finds at most ${MAX_K}`;
    if (Math.min(most, rows) * k > MAX_IDS) return `has more than ${MAX_IDS} rows for ${Math.min(most, rows)} queries`;
    const ids = new Uint32Array(Math.min(most, rows) * k);
    const into = Buffer.from(ids.buffer);
    const bytes = rowHeadBytes === 0 ? into : Buffer.alloc(Math.min(most, rows) * (rowHeadBytes + k * VALUE_BYTES));
    readSync(file, bytes, 0, bytes.length, headBytes);
    const problem = rowHeadBytes === 0 ? undefined : withoutHeads(bytes, into, found, 0);
    return problem ?? { queries: ids.length / k, k, ids };
  } catch (error) {
    return `cannot be read: ${errorMessage(error)}`;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function binLayout(file: number, size: number): Layout | string {
  const header = Buffer.alloc(HEADER_BYTES);
  if (readSync(file, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return 'is no file of nearest rows: it has no header';
  const [rows, width] = [header.readUInt32LE(0), header.readUInt32LE(4)];
  const [idsEnd, distancesEnd] = [1, 2].map((values) => HEADER_BYTES + values * rows * width * VALUE_BYTES);
  if (rows > 0 && width > 0 && (size === idsEnd || size === distancesEnd)) {
    return { rows, width, headBytes: HEADER_BYTES, rowHeadBytes: 0 };
  }
  return `is no file of nearest rows: one of ${rows} queries with ${width} rows each has ${idsEnd} bytes, or ${distancesEnd} with distances, not ${size}`;
}
