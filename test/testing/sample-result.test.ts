import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import t from 'tap';
import type { RunResult } from '../../core/stats/result.ts';
import { builtinReports } from '../../reports/builtin.ts';
import { sampleResult } from '../../testing/index.ts';
import { FAILING, HEALTH_MS, INVALID, reconciled, resultOf, UPLOAD_MS, uploadPlan } from '../kit/results/documents.ts';
import type { RunShape } from '../kit/results/results.ts';

const PASSED: RunShape = {
  plan: uploadPlan({
    scenarios: {
      devices: {
        executor: 'constant-vus',
        vus: 20,
        duration: '15s',
        thinkTime: '50ms',
        operations: [
          { driver: 'http-upload', name: 'upload', weight: 10, tags: { kind: 'write' } },
          { driver: 'health', name: 'health', weight: 1 },
        ],
      },
    },
    thresholds: ['upload p95 < 200ms', 'error_rate < 0.1%', 'lost == 0'],
  }),
  types: { upload: 'POST', health: 'GET' },
  stretches: [
    {
      ...{ seconds: 15, vus: 20, monitors: { 'target.queue_depth': [1, 2, 1, 0] } },
      operations: { upload: { perSecond: 178, ms: UPLOAD_MS }, health: { perSecond: 18, ms: HEALTH_MS } },
    },
  ],
  reconciliations: [reconciled(2670)],
};

/** With TAP_SNAPSHOT=1 the files are written anew. */
function matchesSample(kind: 'passed' | 'failed' | 'invalid', result: RunResult): void {
  const file = new URL(`../../testing/samples/${kind}.json.br`, import.meta.url);
  const text = `${JSON.stringify(result)}\n`;
  if (process.env.TAP_SNAPSHOT === '1') writeFileSync(file, brotliCompressSync(text));
  t.equal(brotliDecompressSync(readFileSync(file)).toString(), text, `equals testing/samples/${kind}.json.br`);
  t.equal(result.verdict.kind, { passed: 'pass', failed: 'fail', invalid: 'invalid' }[kind]);
}

matchesSample('passed', resultOf(PASSED));
matchesSample('failed', resultOf(FAILING));
matchesSample('invalid', resultOf(INVALID));

t.test('every report can be made of each, and each call gives an object of its own', async (t) => {
  t.not(sampleResult('passed'), sampleResult('passed'));
  for (const load of Object.values(builtinReports)) {
    const { default: report } = await load();
    const options = (await report.options['~standard'].validate({})) as { readonly value: unknown };
    for (const kind of ['passed', 'failed', 'invalid'] as const) {
      t.ok(report.render(sampleResult(kind), options.value).length > 0, `${report.name}, ${kind}`);
    }
  }
});
