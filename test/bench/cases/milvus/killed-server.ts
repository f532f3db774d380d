// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of plans
import type { PlanInput } from '../../../../core/plan/schema.ts';
import type { PrivateMilvus } from '../../../kit/programs/milvus.ts';
import { BenchmarkError } from '../../benchmark-error.ts';
import { Product } from '../../product.ts';
import { measured } from '../../result-figures.ts';
import { shownNumber } from '../../table.ts';
import type { CaseOptions, CaseReport } from '../case.ts';
import { askedFigure } from '../product-runs.ts';
import { DIM } from './searches.ts';

const OPERATIONS = {
  add: { insert: { rows: 20 } },
  change: { upsert: { rows: 3 } },
  remove: { delete: { ids: 1 } },
  read: { query: { filter: 'id in [${ids:5}]' } },
};

/** Users who write all the time, beyond the seconds in which the server is away. */
function writePlan(target: string): PlanInput {
  return {
    name: 'Writes',
    target,
    drivers: {
      milvus: {
        options: {
          collection: {
            fields: { id: { type: 'int64', primary: true }, embedding: { type: 'floatVector', dim: DIM } },
          },
          data: { rows: 2000 },
          timeout: '5s',
          operations: OPERATIONS,
        },
      },
    },
    scenarios: {
      users: {
        executor: 'constant-vus',
        vus: 8,
        duration: '20s',
        gracefulStop: '10s',
        thinkTime: '50ms',
        operations: Object.keys(OPERATIONS).map((operation) => ({ driver: 'milvus', operation })),
      },
    },
    thresholds: ['lost == 0'],
  };
}

/**
 * Kills the server while rows are written, as `kill -9` does, and starts it again: what was acknowledged is compared with a
 * count of the consistency strong.
 * @param name of the case
 */
export async function writesOfKilledServer(
  name: string,
  server: PrivateMilvus,
  options: CaseOptions,
): Promise<CaseReport> {
  const { placement, folder, runtimes, progress } = options;
  const product = await Product.start(runtimes[0], placement, folder);
  try {
    const isWriting = Promise.withResolvers<void>();
    const run = product.run(writePlan(`http://${server.address}`), (said) => {
      if (/^5s\/20s/m.test(said)) isWriting.resolve();
    });
    // A run that has ended without its fifth second has no result either, and says why.
    await Promise.race([isWriting.promise, run]);
    await server.kill();
    await server.start();
    const result = await run;
    const [{ reconciliation } = { reconciliation: undefined }] = result.reconciliations;
    if (reconciliation === undefined) throw new BenchmarkError('nothing was compared with what is stored');
    const { acknowledged, unknown, stored, lost, extra } = reconciliation;
    progress(`${name}, killed and started again: ${lost} of ${acknowledged} rows are lost`);
    const unit = 'rows stored of those acknowledged, killed and started again';
    const values = [acknowledged - lost - extra];
    return {
      figures: [askedFigure(name, runtimes[0], options, { unit, values, asked: acknowledged, goal: { atLeast: 1 } })],
      tables: [
        {
          title: `${name}: rows after it was killed (kill -9) while they were written`,
          header: ['', 'acknowledged', 'unknown', 'stored', 'lost', 'doubled', 'requests failed'],
          rows: [['rows', ...[acknowledged, unknown, stored, lost, extra, measured(result).errors].map(shownNumber)]],
        },
      ],
      notes: [],
    };
  } finally {
    await product.end();
  }
}
