/** A process: finds the nearest rows of 100 queries among 100,000, of 768 dimensions, and writes on stdout what it took. */
import process from 'node:process';
import { NearestRows } from '../../../../plugins/milvus/data/nearest-rows.ts';
import { generatedVectors } from '../../../../plugins/milvus/data/vector-source.ts';

const DIM = 768;
const QUERIES = 100;
const ROWS = 100_000;
const NEAREST = 10;
/** Of rows that are made beforehand, which takes longer than to compare them. */
const BATCH = 10_000;

const vectors = async (seed: number, first: number, count: number) => {
  const made = new Float32Array(count * DIM);
  await generatedVectors({ kind: 'uniform', normalize: false }, DIM, seed, seed).fill(first, made);
  return made;
};
const nearest = new NearestRows(await vectors(99, 0, QUERIES), DIM, NEAREST, 'L2');
let cpuSeconds = 0;
for (let first = 0; first < ROWS; first += BATCH) {
  const rows = await vectors(7, first, BATCH);
  const before = process.cpuUsage();
  nearest.add(first, rows, () => ['']);
  const { user, system } = process.cpuUsage(before);
  cpuSeconds += (user + system) / 1e6;
}
process.stdout.write(JSON.stringify({ cpuSeconds }));
