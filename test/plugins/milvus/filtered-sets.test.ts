// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of filters

import t from 'tap';
import { randomStream } from '../../../core/plan/random.ts';
import { checkedFields, loadedRows, setName } from '../../../plugins/milvus/data/dataset.ts';
import { setsOf } from '../../../plugins/milvus/data/ground-truth.ts';
import { fillFilter, filterSchema } from '../../../plugins/milvus/operations/filter.ts';
import milvus from '../../../plugins/milvus.ts';
import { checkedOptions } from '../../../testing/checked-options.ts';

const ROWS = 200;
const DIM = 8;

t.test(
  'the rows whose nearest are known for a filter are those that match it, also where a value stands twice',
  async (t) => {
    const fields = checkedFields(
      await checkedOptions(milvus, {
        collection: {
          fields: {
            id: { type: 'int64', primary: true },
            embedding: { type: 'floatVector', dim: DIM },
            category: { type: 'varchar', maxLength: 3, values: ['A', 'B', 'A', 'C', 'A'] },
            size: { type: 'int64', values: [5, 5, 7] },
          },
        },
        operations: { find: { search: {} } },
      }),
    );
    const { scalars } = loadedRows(fields, 7, 0, new Float32Array(ROWS * DIM));
    const counts = new Map<string, number>();
    for (const [f, name] of ['category', 'size'].entries()) {
      const filter = filterSchema.parse(`${name} == '\${pick:${name}}'`);
      for (let seed = 0; seed < 30; seed++) {
        const { text, picked } = fillFilter(filter, fields, ROWS, randomStream(seed, 1));
        const set = setName(name, picked);
        for (let row = 0; row < ROWS; row++) {
          const isWanted = text === `${name} == '${scalars[f]?.[row]}'`;
          if (setsOf(fields, 7, row).includes(set) !== isWanted) t.fail(`row ${row} for ${text}`);
        }
        counts.set(text, (counts.get(text) ?? 0) + 1);
      }
    }
    t.equal(counts.size, 5, 'each value was asked for');
    t.ok(
      (counts.get("category == 'A'") ?? 0) > (counts.get("category == 'B'") ?? 0),
      'the one that stands thrice more often',
    );
  },
);
