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

const SAMPLES: Readonly<Record<'passed' | 'failed' | 'invalid', RunResult>> = {
  passed: resultOf(PASSED),
  failed: resultOf(FAILING),
  invalid: resultOf(INVALID),
};

t.test('the samples are what results are now', async (t) => {
  const file = new URL('../../testing/samples.json.br', import.meta.url);
  const text = JSON.stringify(SAMPLES);
  // With TAP_SNAPSHOT=1 the file is written anew. In one file each takes less place, because much of them is alike.
  if (process.env.TAP_SNAPSHOT === '1') writeFileSync(file, brotliCompressSync(text));
  t.equal(brotliDecompressSync(readFileSync(file)).toString(), text, 'equals testing/samples.json.br');
  for (const [kind, verdict] of Object.entries({ passed: 'pass', failed: 'fail', invalid: 'invalid' } as const)) {
    t.equal(SAMPLES[kind as keyof typeof SAMPLES].verdict.kind, verdict);
  }
});

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
