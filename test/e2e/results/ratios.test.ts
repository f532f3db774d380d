/** A driver of somebody's own that counts hits of attempts: two agents, and what they have counted in thresholds and reports. */

import { readFileSync } from 'node:fs';
import t from 'tap';
import { workbench } from '../bench-process.ts';
import { endedWith, resultIn } from '../busy-host.ts';

t.setTimeout(400_000);

/** Of each ten true neighbours it finds nine. */
const SEARCH = `export default {
  name: 'search', description: '',
  options: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
  operations: () => [{ name: 'vector_search', type: 'SEARCH' }],
  open: ({ voids = false, hits = 9 }, context) => {
    const recall = context.ratio('vector_search.recall');
    return {
      connect: () => ({
        send: () => {
          recall.add(hits, 10);
          if (voids) recall.void('rows were written during the measurement');
          return { ok: true, errorKind: '', message: '', status: 200, bytesSent: 0, bytesReceived: 0 };
        },
        close() {},
      }),
      close() {},
    };
  },
};
`;

const plan = (options: string, threshold: string) => `name: Search
drivers: { search: { use: ./search.mjs, options: ${options} } }
scenarios:
  all: { executor: per-vu-iterations, vus: 2, iterations: 100, thinkTime: 5ms, operations: [{ driver: search }] }
thresholds: ['${threshold}']
reports: [json, markdown, html, junit, csv]
`;

t.test('recall is merged exactly over agents, and judged', async (t) => {
  const { folder, run } = workbench(t, {
    'search.mjs': SEARCH,
    'plan.yaml': plan('{}', 'vector_search.recall ratio >= 0.95'),
  });
  const ended = await run(['run', 'plan.yaml', '--agents', '2', '--out', 'out']);
  const result = resultIn(`${folder}/out`);
  endedWith(t, ended, 99, result);
  t.strictSame(result.ratios, [
    {
      name: 'vector_search.recall',
      phases: { warmup: { hits: 0, of: 0 }, measure: { hits: 1800, of: 2000 } },
    },
  ]);
  t.match(result.thresholds[0], { status: 'fail', actual: 0.9, samples: 2000 });
  const sum = (column: readonly number[] = []) => column.reduce((all, count) => all + count, 0);
  t.strictSame([sum(result.timeline.ratios?.[0]?.hits), sum(result.timeline.ratios?.[0]?.of)], [1800, 2000]);
  t.match(readFileSync(`${folder}/out/report.md`, 'utf8'), /vector_search\.recall ratio &gt;= 0\.95: failed with 90%/);
});

t.test('a ratio that is void meets no criterion, and the reason is told', async (t) => {
  const files = { 'search.mjs': SEARCH, 'plan.yaml': plan('{ voids: true }', 'vector_search.recall ratio >= 50%') };
  const { folder, run } = workbench(t, files);
  const ended = await run(['run', 'plan.yaml', '--out', 'out']);
  t.equal(ended.code, 120, ended.stdout + ended.stderr);
  t.match(ended.stdout, /rows were written during the measurement/);
  t.match(resultIn(`${folder}/out`).ratios, [{ voidReason: 'rows were written during the measurement' }]);
});

t.test('what are no hits of attempts fails the operation, with the reason', async (t) => {
  const files = { 'search.mjs': SEARCH, 'plan.yaml': plan('{ hits: 11 }', 'vector_search.recall ratio >= 50%') };
  const { folder, run } = workbench(t, files);
  const ended = await run(['run', 'plan.yaml', '--out', 'out']);
  const result = resultIn(`${folder}/out`);
  endedWith(t, ended, 99, result);
  t.match(
    result.operations[0]?.phases.measure.errorKinds[0]?.example,
    /the ratio vector_search\.recall was given 11 of 10/,
  );
  t.match(result.thresholds[0], { status: 'invalid', reason: 'nothing was counted.' });
});
