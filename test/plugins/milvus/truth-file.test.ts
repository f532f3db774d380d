import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { contentOf } from '../../../plugins/milvus/data/file-content.ts';
import { readTruth, storedTruth } from '../../../plugins/milvus/data/ground-truth.ts';
import { NearestRows } from '../../../plugins/milvus/data/nearest-rows.ts';
import { readTruthFile } from '../../../plugins/milvus/data/truth-file.ts';
import { vectorFile } from '../../../plugins/milvus/data/vector-file.ts';
import milvus from '../../../plugins/milvus.ts';
import { checkedOptions } from '../../../testing/checked-options.ts';

const fields = {
  id: { type: 'int64', primary: true },
  embedding: { type: 'floatVector', dim: 2 },
};
const DAMAGED = 'the property bench.rows of the collection is damaged: drop the collection';
const search = { operations: { find: { search: { limit: 2 } } } };

/** As big-ann-benchmarks writes it. */
function truthBytes(ids: readonly (readonly number[])[], distances: boolean): Buffer {
  const k = ids[0]?.length ?? 0;
  const floats = distances ? new Float32Array(ids.length * k) : new Float32Array();
  return Buffer.concat([
    Buffer.from(Uint32Array.of(ids.length, k).buffer),
    Buffer.from(Uint32Array.from(ids.flat()).buffer),
    Buffer.from(floats.buffer),
  ]);
}

function vectorBytes(values: readonly number[]): Buffer {
  return Buffer.concat([
    Buffer.from(Int32Array.of(values.length / 2, 2).buffer),
    Buffer.from(Float32Array.from(values).buffer),
  ]);
}

/** A folder with vectors, queries and their nearest rows. */
function folderOf(t: Test): string {
  const folder = t.testdir();
  writeFileSync(join(folder, 'base.fbin'), vectorBytes([0, 0, 1, 0, 2, 0]));
  writeFileSync(join(folder, 'queries.fbin'), vectorBytes([0, 0, 2, 0]));
  const nearest = [
    [0, 1],
    [2, 1],
  ];
  writeFileSync(join(folder, 'truth.ibin'), truthBytes(nearest, true));
  return folder;
}

const FILES = { data: { file: 'base.fbin' }, queries: { file: 'queries.fbin' } };
const TRUTH = { groundTruth: { file: 'truth.ibin' } };

t.test('a file of nearest rows, with distances and without', async (t) => {
  const folder = folderOf(t);
  const ids = Uint32Array.of(0, 1, 2, 1);
  t.strictSame(readTruthFile('truth.ibin', folder, 100), { queries: 2, k: 2, ids });
  t.strictSame(readTruthFile('truth.ibin', folder, 1), { queries: 1, k: 2, ids: ids.subarray(0, 2).slice() });
  writeFileSync(join(folder, 'plain.ibin'), truthBytes([[3], [4]], false));
  t.match(readTruthFile('plain.ibin', folder, 100), { queries: 2, k: 1 });
  writeFileSync(join(folder, 'cut.ibin'), truthBytes([[3], [4]], true).subarray(0, -1));
  t.match(
    readTruthFile('cut.ibin', folder, 100),
    /2 queries with 1 rows each has 16 bytes, or 24 with distances, not 23/,
  );
  writeFileSync(join(folder, 'none.ibin'), '');
  t.equal(readTruthFile('none.ibin', folder, 100), 'is no file of nearest rows: it has no header');
});

t.test('nearest rows as TEXMEX has them, whatever the name of the file', async (t) => {
  const folder = folderOf(t);
  const bytes = Buffer.from(Int32Array.of(2, 0, 1, 2, 2, 1).buffer);
  const told = (name: string, of: Buffer, most = 100) => {
    writeFileSync(join(folder, name), of);
    return readTruthFile(name, folder, most);
  };
  const ids = Uint32Array.of(0, 1, 2, 1);
  t.strictSame(told('nearest.ivecs', bytes), { queries: 2, k: 2, ids });
  t.strictSame(told('nearest', bytes, 1), { queries: 1, k: 2, ids: ids.slice(0, 2) });
  t.match(told('nearest.ivecs', bytes.subarray(0, -4)), /^ends early: of the row 1 \(from 0\) it has 8 of 12 bytes$/);
  // One query whose nearest row is 1: either format could be meant by it.
  const either = Buffer.from(Int32Array.of(1, 2, 1, 0).buffer);
  t.match(told('either.ivecs', either), { queries: 2, k: 1, ids: Uint32Array.of(2, 0) });
  t.match(told('either.ibin', either), { queries: 1, k: 2, ids: Uint32Array.of(1, 0) });
  const four = Buffer.from(Int32Array.of(1, 9, 7, 4, 1, 5, 1, 6).buffer);
  t.match(told('nearest.ivecs', four), /^is damaged: the row 1 \(from 0\) would have 7 values/);
});

t.test('what is wrong with the file is told before the run', async (t) => {
  const folder = folderOf(t);
  const problems = async (file: string) => {
    const options = await checkedOptions(milvus, {
      collection: { fields },
      ...search,
      ...FILES,
      groundTruth: { file },
    });
    return milvus.problems?.(options, folder).map(({ path = [], message }) => `${path.join('.')}: ${message}`);
  };
  t.strictSame(await problems('truth.ibin'), []);
  writeFileSync(join(folder, 'other'), 'what is no such file');
  t.match(await problems('other'), [/^groundTruth\.file: is no file of nearest rows/]);
  t.match(await problems('missing.ibin'), [/^groundTruth\.file: cannot be read/]);
  writeFileSync(join(folder, 'wide'), Buffer.from(Uint32Array.of(1, 20_000).buffer));
  truncateSync(join(folder, 'wide'), 8 + 4 * 20_000);
  const tooWide = 'groundTruth.file: has 20000 rows for each query, and Milvus finds at most 16384';
  t.strictSame(await problems('wide'), [tooWide]);
  const both = await milvus.options['~standard'].validate({
    ...{ collection: { fields }, ...search, groundTruth: { k: 5, file: 'truth.ibin' } },
  });
  t.match(both.issues, [{ message: 'must have either k or file' }]);
  t.strictSame(
    milvus.files?.(await checkedOptions(milvus, { collection: { fields }, ...search, ...FILES, ...TRUTH }), '', ''),
    ['base.fbin', 'queries.fbin', 'truth.ibin'],
  );
});

t.test('a file without an end is refused before it is read: a FIFO would hold the whole process', async (t) => {
  const folder = folderOf(t);
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  for (const file of ['/dev/null', 'fifo']) {
    const refused = 'cannot be read: it is a device or a pipe, not a regular file';
    t.equal(readTruthFile(file, folder, 1), refused);
    t.equal(vectorFile(file, folder, 2), refused);
    t.throws(() => contentOf(file, folder), { message: /^it is a device or a pipe/ });
  }
});

t.test('the nearest rows of a file count, whoever loaded the collection', async (t) => {
  const folder = folderOf(t);
  const options = await checkedOptions(milvus, { collection: { fields }, ...search, ...FILES, ...TRUTH });
  const queries = { description: '', count: 2, vectors: new Float32Array(4) };
  const property = storedTruth(options, queries, undefined, folder);
  const wanted = { queries: 2, k: 2, sets: new Map([['', Float64Array.of(0, 1, 2, 1)]]) };
  t.strictSame(readTruth(options, property, 2, 3, folder), wanted);
  t.strictSame(readTruth(options, undefined, 2, 3, folder), wanted);
  t.equal(readTruth(options, property, 2, 2, folder), 'truth.ibin tells of the row 2, and only 2 are loaded');
});

t.test('nearest rows that somebody has changed in the collection are told as damaged', async (t) => {
  const plan = {
    collection: { fields },
    ...search,
    data: { rows: 3 },
    queries: { count: 2 },
    groundTruth: { queries: 2, k: 2 },
  };
  const options = await checkedOptions(milvus, plan);
  const queries = { description: '', count: 2, vectors: new Float32Array(4) };
  const found = new NearestRows(queries.vectors, 2, 2, 'L2');
  found.add(0, new Float32Array(6), () => ['']);
  const property = storedTruth(options, queries, found, '/');
  t.match(readTruth(options, property, 2, 3, '/'), { queries: 2, k: 2 });
  const stored = JSON.parse(property);
  for (const change of [
    { sets: null },
    { sets: { '': 5 } },
    { sets: { '': 'AAAAAAA=' } },
    { k: 1e300, queries: 1e300 },
    { k: 1 },
  ]) {
    const changed = JSON.stringify({ ...stored, ...change });
    t.throws(() => readTruth(options, changed, 2, 3, '/'), { name: 'PluginError', message: DAMAGED }, changed);
  }
  for (const none of ['null', '{', '[]']) t.throws(() => readTruth(options, none, 2, 3, '/'), { message: DAMAGED });
});

t.test('a file is known by its content', async (t) => {
  const folder = folderOf(t);
  const options = await checkedOptions(milvus, { collection: { fields }, ...search, ...FILES, ...TRUTH });
  const queries = { description: '', count: 2, vectors: new Float32Array(4) };
  const property = storedTruth(options, queries, undefined, folder);
  writeFileSync(join(folder, 'base.fbin'), vectorBytes([0, 0, 1, 0, 2, 1]));
  t.equal(
    readTruth(options, property, 2, 3, folder),
    'the collection was loaded with other rows than the plan describes',
  );

  const large = Buffer.alloc(10_000_000);
  writeFileSync(join(folder, 'large'), large);
  const before = contentOf('large', folder);
  t.equal(contentOf('large', folder), before);
  large[large.length - 1] = 1;
  writeFileSync(join(folder, 'large'), large);
  t.not(contentOf('large', folder), before, 'its end counts');
  writeFileSync(join(folder, 'large'), large.subarray(1));
  t.not(contentOf('large', folder), before, 'its size counts');
});
