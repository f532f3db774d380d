import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { errorMessage } from '../../../core/error.ts';
import { locatePlanFile, planPath } from '../../../core/plan-files.ts';

/** Queries and how many rows are known of each, as uint32. */
const HEADER_BYTES = 8;
const ID_BYTES = 4;

/** The nearest rows of queries: their ids, k for each query, nearest first. */
export interface TruthFile {
  readonly queries: number;
  readonly k: number;
  readonly ids: Uint32Array;
}

/**
 * Reads a file of nearest rows: a header, then ids as uint32, then often distances, which are not read
 * (https://big-ann-benchmarks.com/neurips21.html, "ground truth").
 * @param most for how many queries at most
 * @returns what is wrong with it, as a clause that follows its name, where it is none
 */
export function readTruthFile(name: string, baseDirectory: string, most: number): TruthFile | string {
  let file: number | undefined;
  try {
    file = openSync(locatePlanFile(planPath(baseDirectory, name)), 'r');
    const header = Buffer.alloc(HEADER_BYTES);
    const { size } = fstatSync(file);
    if (readSync(file, header) < HEADER_BYTES) return 'is no file of nearest rows: it has no header';
    const [queries, k] = [header.readUInt32LE(0), header.readUInt32LE(4)];
    const [idsEnd, distancesEnd] = [1, 2].map((values) => HEADER_BYTES + values * queries * k * ID_BYTES);
    if (queries < 1 || k < 1 || (size !== idsEnd && size !== distancesEnd)) {
      return `is no file of nearest rows: one of ${queries} queries with ${k} rows each has ${idsEnd} bytes, or ${distancesEnd} with distances, not ${size}`;
    }
    const ids = new Uint32Array(Math.min(most, queries) * k);
    readSync(file, ids, 0, ids.byteLength, HEADER_BYTES);
    return { queries: ids.length / k, k, ids };
  } catch (error) {
    return `cannot be read: ${errorMessage(error)}`;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
