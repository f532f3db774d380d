import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { NearestRows } from '../../../plugins/milvus/data/nearest-rows.ts';
import type { GenerateOptions } from '../../../plugins/milvus/data/source-options.ts';
import { vectorFile, vectorsOfFile } from '../../../plugins/milvus/data/vector-file.ts';
import { generatedVectors } from '../../../plugins/milvus/data/vector-source.ts';

const DIM = 24;
const KINDS: readonly GenerateOptions[] = [
  { kind: 'gaussian', normalize: true },
  { kind: 'uniform', normalize: false },
  { kind: 'clusters', count: 5, spread: 0.1, normalize: true },
  { kind: 'latent', rank: 4, noise: 0.05, normalize: true },
];

async function rows(options: GenerateOptions, first: number, count: number, seed = 7): Promise<Float32Array> {
  const into = new Float32Array(count * DIM);
  await generatedVectors(options, DIM, 7, seed).fill(first, into);
  return into;
}

const squared = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + (x - (b[i] as number)) ** 2, 0);
const at = (all: Float32Array, n: number) => all.subarray(n * DIM, (n + 1) * DIM);

for (const options of KINDS) {
  t.test(
    `${options.kind}: a row is the same in whatever batch it is made, and another seed makes others`,
    async (t) => {
      const all = await rows(options, 0, 20);
      const later = await rows(options, 13, 7);
      t.strictSame(later, all.subarray(13 * DIM));
      t.notSame(await rows(options, 0, 20, 99), all);
      const length = Math.sqrt(squared(at(all, 3), new Float32Array(DIM)));
      if (options.normalize) t.ok(Math.abs(length - 1) < 1e-6, 'its length is 1');
      else t.ok(all.every((value) => value >= 0 && value < 1));
    },
  );
}

t.test('queries of another seed lie among the rows, where these have a structure', async (t) => {
  const near = async (options: GenerateOptions) => {
    const all = await rows(options, 0, 500);
    const query = await rows(options, 0, 1, 99);
    return Math.min(...Array.from({ length: 500 }, (_, n) => squared(query, at(all, n))));
  };
  const [gaussian, , clusters, latent] = KINDS as [GenerateOptions, GenerateOptions, GenerateOptions, GenerateOptions];
  t.ok((await near(clusters)) < (await near(gaussian)) / 2);
  t.ok((await near(latent)) < (await near(gaussian)) / 2);
});

for (const metric of ['L2', 'IP', 'COSINE'] as const) {
  t.test(`${metric}: the nearest rows, of all and of each set, whatever the order of batches`, async (t) => {
    const options = { kind: 'gaussian', normalize: false } as const;
    const all = await rows(options, 0, 60);
    const queries = await rows(options, 0, 3, 99);
    const found = new NearestRows(queries, DIM, 4, metric);
    const setsOf = (id: number) => ['', id % 3 === 0 ? 'third' : 'other'];
    found.add(40, all.subarray(40 * DIM), setsOf);
    found.add(0, all.subarray(0, 40 * DIM), setsOf);
    const zero = new Float32Array(DIM);
    const product = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
    const distance = (a: Float32Array, b: Float32Array) => {
      if (metric === 'L2') return squared(a, b);
      const norm = metric === 'IP' ? 1 : Math.sqrt(squared(a, zero) * squared(b, zero));
      return -product(a, b) / norm;
    };
    const naive = (query: number, isWanted: (id: number) => boolean) =>
      Array.from({ length: 60 }, (_, id) => id)
        .filter(isWanted)
        .sort((a, b) => distance(at(queries, query), at(all, a)) - distance(at(queries, query), at(all, b)))
        .slice(0, 4);
    for (let query = 0; query < 3; query++) {
      const of = (set: string) => [...(found.found().get(set) ?? [])].slice(query * 4, query * 4 + 4);
      t.strictSame(
        of(''),
        naive(query, () => true),
      );
      t.strictSame(
        of('third'),
        naive(query, (id) => id % 3 === 0),
      );
    }
  });
}

t.test('of rows that are equally far the lowest ids are the nearest, whatever the order of batches', async (t) => {
  const found = new NearestRows(new Float32Array(DIM), DIM, 3, 'L2');
  for (const first of [4, 0, 6]) found.add(first, new Float32Array(2 * DIM).fill(1), () => ['']);
  t.strictSame([...(found.found().get('') ?? [])], [0, 1, 4]);
});

t.test('fewer rows than are wanted leave places empty', async (t) => {
  const found = new NearestRows(await rows(KINDS[0] as GenerateOptions, 0, 1, 99), DIM, 4, 'L2');
  found.add(0, await rows(KINDS[0] as GenerateOptions, 0, 2), () => ['']);
  t.strictSame([...(found.found().get('') ?? [])].sort(), [-1, -1, 0, 1]);
});

t.test('a file of vectors', async (t) => {
  const folder = t.testdir();
  const values = Float32Array.from({ length: 3 * DIM }, (_, n) => n / 2);
  const header = Buffer.alloc(8);
  header.writeInt32LE(3, 0);
  header.writeInt32LE(DIM, 4);
  writeFileSync(join(folder, 'base.fbin'), Buffer.concat([header, Buffer.from(values.buffer)]));
  const file = await vectorsOfFile('base.fbin', folder, DIM);
  t.equal(file.rows, 3);
  const last = new Float32Array(2 * DIM);
  await file.fill(1, last);
  await file.close();
  t.strictSame(last, values.subarray(DIM));
  await t.rejects(vectorsOfFile('base.fbin', folder, 4), { name: 'PluginError', message: /24 dimensions/ });
});

/** Rows of the format of TEXMEX: each value is its number in the file. */
function texmexBytes(rows: number, width: number): Buffer {
  const ints = new Int32Array(rows * (1 + width));
  const floats = new Float32Array(ints.buffer);
  for (let row = 0; row < rows; row++) {
    ints[row * (1 + width)] = width;
    for (let i = 0; i < width; i++) floats[row * (1 + width) + 1 + i] = row * width + i;
  }
  return Buffer.from(ints.buffer);
}

t.test('a file of TEXMEX, whatever its name, of more rows than are read at a time', async (t) => {
  const folder = t.testdir();
  const count = 11_000;
  const bytes = texmexBytes(count, DIM);
  const read = async (name: string, first: number, rows: number) => {
    writeFileSync(join(folder, name), bytes);
    const file = await vectorsOfFile(name, folder, DIM);
    try {
      t.equal(file.rows, count);
      const into = new Float32Array(rows * DIM);
      await file.fill(first, into);
      return into;
    } finally {
      await file.close();
    }
  };
  const values = Float32Array.from({ length: count * DIM }, (_, n) => n);
  t.ok(Buffer.from(values.buffer).equals(Buffer.from((await read('base.fvecs', 0, count)).buffer)));
  t.strictSame(await read('base.bin', 10_998, 2), values.subarray(10_998 * DIM));
  bytes.writeInt32LE(3, 5000 * (1 + DIM) * 4);
  await t.rejects(read('base.fvecs', 4990, 20), {
    name: 'PluginError',
    message: 'base.fvecs is damaged: the row 5000 (from 0) would have 3 values, and those before it have 24',
  });
});

t.test('what is wrong with a file of TEXMEX is told before it is read', async (t) => {
  const folder = t.testdir();
  const good = texmexBytes(3, DIM);
  const told = (bytes: Buffer, dim = DIM) => {
    writeFileSync(join(folder, 'some.fvecs'), bytes);
    return vectorFile('some.fvecs', folder, dim);
  };
  t.match(told(good), { rows: 3, width: DIM });
  t.equal(told(good, 8), 'has vectors of 24 dimensions, and the field has dim: 8');
  t.equal(told(good.subarray(0, -1)), 'ends early: of the row 2 (from 0) it has 99 of 100 bytes');
  const last = Buffer.from(good);
  last.writeInt32LE(25, 200);
  t.match(told(last), /^is damaged: the row 2 \(from 0\) would have 25 values/);
  t.match(told(Buffer.from('')), /^is no \.fvecs or \.ivecs file: its first row would have 0 values/);
  t.match(
    told(Buffer.from('a text, no vectors')),
    /^is no \.fvecs or \.ivecs file: its first row would have \d{9,} values/,
  );
  const header = Buffer.from(Int32Array.of(3, DIM).buffer);
  t.match(told(Buffer.concat([header, Buffer.alloc(3 * DIM * 4)])), { rows: 3, headBytes: 8 }, 'a .fbin by that name');
  for (const name of ['base.1B.u8bin', 'sift.bvecs', 'text.I8BIN']) {
    writeFileSync(join(folder, name), Buffer.alloc(1000, 1));
    const said = vectorFile(name, folder, DIM);
    t.equal(said, 'has values of one byte: make a .fbin or .fvecs file of it, with values of float32');
  }
});
