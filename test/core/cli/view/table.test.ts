import t from 'tap';
import { plain } from '../../../../core/cli/output.ts';
import { columnsOf } from '../../../../core/cli/view/cells.ts';
import { type Column, renderTable } from '../../../../core/cli/view/table.ts';

const titles: Column[] = [
  { title: 'Type', align: 'left', spare: 2 },
  { title: 'Name', align: 'left', spare: 0, narrowest: 6 },
  { title: 'p50', align: 'right', spare: 1 },
  { title: 'p95', align: 'right', spare: 0 },
];
const rows = [
  { cells: ['POST', '测试数据上传接口', '50', '73'] },
  { cells: ['', 'Aggregated', '49', '1,073'], isTotal: true },
];

t.test('columns line up beside wide characters', async (t) => {
  t.strictSame(renderTable(titles, rows, 80, plain), [
    'Type  Name              p50    p95',
    'POST  测试数据上传接口   50     73',
    '──────────────────────────────────',
    '      Aggregated         49  1,073',
  ]);
});

t.test('where room is short, spare columns go and names are cut', async (t) => {
  t.strictSame(renderTable(titles, rows, 20, plain), [
    'Name      p50    p95',
    '测试数…    50     73',
    '────────────────────',
    'Aggrega…   49  1,073',
  ]);
  for (const columns of [34, 30, 26, 22, 18, 16, 14]) {
    for (const line of renderTable(titles, rows, columns, plain))
      t.ok(columnsOf(line) <= columns, `${columns}: ${line}`);
  }
  t.match(renderTable(titles, rows, 14, plain)[0], /^Name +p95$/);
  t.match(renderTable(titles, rows, 20, plain)[0], /^Name +p50 +p95$/);
});
