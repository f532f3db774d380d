// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of filters
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parameterWarnings } from '../../../plugins/milvus/option-problems.ts';
import milvus from '../../../plugins/milvus.ts';
import { checkedOptions } from '../../../testing/checked-options.ts';

const fields = {
  id: { type: 'int64', primary: true },
  embedding: { type: 'floatVector', dim: 8 },
  category: { type: 'varchar', maxLength: 3, values: ['A', 'B'] },
};
const search = { operations: { find: { search: {} } } };

/** What is wrong with options, as `path: message`. */
async function problems(options: object): Promise<string[]> {
  const result = await milvus.options['~standard'].validate({ collection: { fields }, ...search, ...options });
  return (result.issues ?? []).map(({ path = [], message }) => `${path.join('.')}: ${message}`);
}

t.test('what a plan leaves out', async (t) => {
  const options = await checkedOptions(milvus, { collection: { fields }, ...search });
  t.match(options, {
    connections: 'per-user',
    collection: { reuse: false, shards: 1, consistency: 'bounded', index: { type: 'HNSW', metric: 'L2' } },
    data: { seed: 7, batch: 1000, parallel: 2 },
    queries: { count: 1000, seed: 99 },
    operations: { find: { search: { limit: 10, vectors: 1 } } },
  });
  t.strictSame(milvus.operations(options), [{ name: 'find', type: 'search' }]);
});

const BAD: readonly [name: string, options: object, problem: RegExp][] = [
  ['no primary key', { collection: { fields: { embedding: fields.embedding } } }, /fields: must contain one int64/],
  ['no vector', { collection: { fields: { id: fields.id } } }, /fields: must contain one floatVector/],
  [
    'a value that does not fit',
    { collection: { fields: { ...fields, category: { ...fields.category, values: ['long'] } } } },
    /"long" is longer/,
  ],
  ['an index of another field', { collection: { fields, index: { field: 'category' } } }, /no vector category/],
  [
    'a metric that there is not',
    { collection: { fields, index: { metric: 'HAMMING' } } },
    /must be one of L2, IP, COSINE/,
  ],
  [
    'a batch above the 64 MiB of a call',
    { data: { batch: 1_000_000 } },
    /data.batch: is more than the 64 MiB.* at 8 dimensions at most 699050/,
  ],
  ['an address that is none', { address: 'localhost:port' }, /address: is not a URL/],
  [
    'an address with a user',
    { address: 'root:Milvus@localhost:19530' },
    /address: contains a user name: give it as token/,
  ],
  [
    'ef below the limit',
    { operations: { find: { search: { limit: 20, params: { ef: 10 } } } } },
    /ef must be at least the limit \(20\)/,
  ],
  [
    'a field that has no values',
    { operations: { find: { search: { filter: "c == '${pick:colour}'" } } } },
    /there is no field colour/,
  ],
  [
    'a value that ends the quotes of a filter',
    {
      collection: { fields: { ...fields, category: { type: 'varchar', values: ['A', "O'Brien"] } } },
      operations: { find: { search: { filter: "id > 3 and category like 'x${pick:category}%'" } } },
    },
    /\{pick:category\}: the value O'Brien of category contains ', which a filter cannot have between/,
  ],
  [
    'a value with a backslash in quotes',
    {
      collection: { fields: { ...fields, category: { type: 'varchar', values: ['a\\b'] } } },
      operations: { find: { query: { filter: 'category == "${pick:category}"' } } },
    },
    /the value a\\b of category contains \\, which/,
  ],
  [
    'a placeholder that there is not',
    { operations: { find: { query: { filter: 'id in [${id:10}]' } } } },
    /unknown placeholder \$\{id:10\}/,
  ],
  ['two kinds in one operation', { operations: { find: { search: {}, insert: {} } } }, /exactly one of/],
  [
    'writes to a collection that is kept',
    { collection: { fields, reuse: true }, operations: { add: { insert: {} } } },
    /add: writes, but/,
  ],
  [
    'ids that the server makes',
    { collection: { fields: { ...fields, id: { ...fields.id, auto: true } } }, operations: { remove: { delete: {} } } },
    /remove: needs ids/,
  ],
  ['too much to keep', { groundTruth: { queries: 1000, k: 100 } }, /groundTruth: queries × k × 3/],
  ['data of a file without queries', { data: { file: 'base.fbin' } }, /queries: needs a file/],
  [
    'two sources',
    { data: { file: 'base.fbin', generate: { kind: 'gaussian' } }, queries: { file: 'q.fbin' } },
    /data: must have either/,
  ],
  [
    'a partition that the collection does not have',
    { collection: { fields, partitions: ['a'] }, operations: { find: { search: { partitions: ['a', 'b'] } } } },
    /find: collection\.partitions has no b/,
  ],
  [
    'an upsert that does not say where its rows are',
    { collection: { fields, partitions: ['a', 'b'] }, operations: { change: { upsert: {} } } },
    /change: needs a partition, one of a, b/,
  ],
  [
    'fewer rows than each partition needs',
    { collection: { fields, partitions: ['a', 'b'] }, data: { rows: 3 }, operations: { remove: { delete: {} } } },
    /data\.rows must be at least 4/,
  ],
  [
    'a partition twice',
    { collection: { fields, partitions: ['a', 'a'] } },
    /partitions: must name each partition once/,
  ],
  ['a kind of data that there is not', { data: { generate: { kind: 'normal' } } }, /data.generate/],
];

for (const [name, options, problem] of BAD) {
  t.test(`refused: ${name}`, async (t) => {
    const found = await problems(options);
    t.equal(found.length, 1, found.join('\n'));
    t.match(found[0], problem);
  });
}

t.test('a value with the other quote may stand in a filter', async (t) => {
  const collection = { fields: { ...fields, category: { type: 'varchar', values: ["O'Brien"] } } };
  const filter = (text: string) => ({ collection, operations: { find: { search: { filter: text } } } });
  t.strictSame(await problems(filter(`id != 'a\\'"' and category == "\${pick:category}"`)), []);
  t.strictSame(await problems(filter('id == ${pick:category}')), [], 'outside of quotes');
});

t.test('two drivers whose recall would be one figure', async (t) => {
  const of = async (name: string, more: object) => ({
    options: await checkedOptions(milvus, { collection: { fields, name }, ...search, ...more }),
    operations: new Set(['find']),
  });
  const truth = { groundTruth: {} };
  const clash = milvus.clash?.(await of('one', truth), await of('two', truth));
  t.match(clash, { path: ['operations', 'find'], message: /another milvus driver has a search of this name/ });
  const others = { ...truth, operations: { other: { search: {} }, find: { query: { filter: 'id < 9' } } } };
  t.equal(milvus.clash?.(await of('one', truth), await of('two', others)), undefined);
  t.equal(milvus.clash?.(await of('one', truth), await of('two', {})), undefined, 'where only one tells it');
});

t.test('parameters of another index are named', async (t) => {
  const operations = { find: { search: { params: { nprobe: 10 } } } };
  const options = await checkedOptions(milvus, { collection: { fields }, operations });
  t.strictSame(parameterWarnings(options), ['find: nprobe is no parameter of HNSW; its own is ef']);
});

t.test('files of vectors are looked at before the run', async (t) => {
  const folder = t.testdir();
  const vectors = (rows: number, dim: number, whole = rows) => {
    const bytes = Buffer.alloc(8 + whole * dim * 4);
    bytes.writeInt32LE(rows, 0);
    bytes.writeInt32LE(dim, 4);
    return bytes;
  };
  writeFileSync(join(folder, 'good.fbin'), vectors(3, 8));
  writeFileSync(join(folder, 'short.fbin'), vectors(3, 8, 2));
  writeFileSync(join(folder, 'wide.fbin'), vectors(3, 16));
  writeFileSync(join(folder, 'empty.fbin'), '');
  const problemOf = async (file: string) => {
    const options = await checkedOptions(milvus, {
      collection: { fields },
      ...search,
      data: { file },
      queries: { file: 'good.fbin' },
    });
    return milvus.problems?.(options, folder).map(({ path = [], message }) => `${path.join('.')}: ${message}`);
  };
  t.strictSame(await problemOf('good.fbin'), []);
  t.match(await problemOf('short.fbin'), ['data.file: ends early: it has 2 of the 3 rows that its header tells of']);
  t.match(await problemOf('wide.fbin'), ['data.file: has vectors of 16 dimensions, and the field has dim: 8']);
  t.match(await problemOf('empty.fbin'), ['data.file: is no .fbin file: it has no header']);
  t.match(await problemOf('none.fbin'), [/data.file: cannot be read/]);
});
