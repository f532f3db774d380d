import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { errorMessage } from '../../../core/error.ts';
import { locatePlanFile, planPath } from '../../../core/plan-files.ts';
import { PluginError } from '../../../core/plugin.ts';
import type { VectorSource } from './vector-source.ts';

/** Rows and dimensions, as int32 (https://big-ann-benchmarks.com/neurips21.html). */
const HEADER_BYTES = 8;
const FLOAT_BYTES = 4;

interface VectorFile {
  readonly path: string;
  readonly rows: number;
}

/**
 * Looks at a .fbin file without reading it.
 * @returns where it is and how many rows it has, or what is wrong with it, as a clause that follows its name
 */
export function vectorFile(name: string, baseDirectory: string, dim: number): VectorFile | string {
  let file: number | undefined;
  try {
    const path = locatePlanFile(planPath(baseDirectory, name));
    file = openSync(path, 'r');
    const header = Buffer.alloc(HEADER_BYTES);
    const { size } = fstatSync(file);
    if (readSync(file, header) < HEADER_BYTES) return 'is no .fbin file: it has no header';
    const [rows, dims] = [header.readInt32LE(0), header.readInt32LE(4)];
    if (rows < 1 || dims < 1) return `is no .fbin file: it would have ${rows} rows of ${dims} dimensions`;
    if (dims !== dim) return `has vectors of ${dims} dimensions, and the field has dim: ${dim}`;
    const needed = HEADER_BYTES + rows * dims * FLOAT_BYTES;
    if (size < needed) {
      const whole = Math.floor((size - HEADER_BYTES) / (dims * FLOAT_BYTES));
      return `ends early: it has ${whole} of the ${rows} rows that its header tells of`;
    }
    return { path, rows };
  } catch (error) {
    return `cannot be read: ${errorMessage(error)}`;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** @throws {PluginError} for a file that is none, or has other dimensions */
export async function vectorsOfFile(name: string, baseDirectory: string, dim: number): Promise<VectorSource> {
  const found = vectorFile(name, baseDirectory, dim);
  if (typeof found === 'string') throw new PluginError(`${name} ${found}`);
  const file = await open(found.path, 'r');
  return {
    description: `the vectors of ${name}`,
    rows: found.rows,
    async fill(first, into) {
      const bytes = Buffer.from(into.buffer, into.byteOffset, into.byteLength);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, HEADER_BYTES + first * dim * FLOAT_BYTES);
      if (bytesRead < bytes.length) throw new PluginError(`${name} ends early: it has changed while it was read`);
    },
    close: () => file.close(),
  };
}
