import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import t from 'tap';
import type { Reconciliation } from '../../core/stats/result.ts';
import { compareRuns } from '../../core/verdict/compare/compare-runs.ts';
import json from '../../reports/json.ts';
import { baselineFile, ResultError, readResult, readRuns } from '../../reports/read-result.ts';
import { inconsistency } from '../../reports/result-consistency.ts';
import { resultJsonSchema } from '../../reports/result-schema.ts';
import fc from '../kit/property.ts';
import { DOCUMENT_002, DOCUMENT_003_AFTER, FAILING, INVALID, resultOf } from '../kit/results/documents.ts';
import { HOSTILE_NAMES, hostileResult } from '../kit/results/hostile.ts';
import { hourResult } from '../kit/results/hour.ts';

const SCHEMA = new URL('../../reports/result.schema.json', import.meta.url);

function textOf(result: Parameters<typeof json.render>[0]): string {
  return json.render(result, {})[0]?.content ?? '';
}

function refusal(text: string): string {
  try {
    readResult(text);
  } catch (error) {
    if (error instanceof ResultError) return error.message;
    throw error;
  }
  return 'was read';
}

t.test('what was written is read as it was', async (t) => {
  for (const shape of [DOCUMENT_002, DOCUMENT_003_AFTER, FAILING, INVALID]) {
    const result = resultOf(shape);
    t.strictSame(readResult(textOf(result)), result);
  }
});

t.test(
  'sums that no safe integer holds, because an agent told of absurd counts, keep nobody from the rest',
  async (t) => {
    const result = resultOf(INVALID);
    const sum = 3 * Number.MAX_SAFE_INTEGER;
    const agents = result.agents.map((agent) => ({ ...agent, requests: sum, errors: sum }));
    const counts = { keys: 1, acknowledged: sum, unknown: sum, stored: 1, lost: sum, extra: 0 };
    const reconciliation: Reconciliation = {
      ...{ ...counts, storedWithoutAcknowledgement: 0, source: 'database', sourceDescription: 'db', stable: true },
      discrepancies: [{ key: 'k', acknowledged: sum, unknown: sum, stored: 1 }],
    } as const;
    const absurd = { ...result, agents, reconciliations: [{ driver: 'd', reconciliation }] };
    t.strictSame(readResult(textOf(absurd)), absurd);
  },
);

t.test('hostile names survive', async (t) => {
  // A lone surrogate cannot be written as UTF-8, but JSON escapes it.
  const result = hostileResult(HOSTILE_NAMES);
  t.strictSame(readResult(textOf(result)), result);
});

t.test('what is no result says so', async (t) => {
  const whole = textOf(resultOf(INVALID));
  const cases: [text: string, message: RegExp][] = [
    ['', /^is empty/],
    [whole.slice(0, whole.length / 2), /^is cut off after \d+ characters: copy it again/],
    ['<html>', /^is not JSON/],
    ['[]', /^is not the result of a run: give the result\.json/],
    [
      whole.replace('"version": 1', '"version": 2'),
      /^has result version 2, and this bench reads version 1: use that version/,
    ],
    [whole.replace('"version": 1', '"version": 0'), /use the bench that wrote it/],
    [
      whole.replace('"measuredUs": 12000000', '"measuredUs": "12s"'),
      /^is damaged: measuredUs: must be a number, not "12s"; copy it again/,
    ],
    [
      whole.replace('"runId": "Vq3xT8mKp2La"', '"runId": "../../x"'),
      /^is damaged: runId: must be 1 to 64 letters, digits, - or _; copy it again, or write it with `bench report <run>`$/,
    ],
    [whole.replace('constant-vus', 'constant-vos'), /^holds a plan that this bench cannot read: scenarios\.devices/],
  ];
  for (const [text, message] of cases) t.match(refusal(text), message);
});

t.test('cut off anywhere, it is refused in a sentence', async () => {
  const whole = textOf(resultOf(INVALID)).trimEnd();
  fc.assert(
    fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) =>
      /^is /.test(refusal(whole.slice(0, length))),
    ),
    { numRuns: 60 },
  );
});

t.test('a wrong number in a long list is told by its place', async (t) => {
  const result = resultOf(FAILING);
  const { all, responseTimes } = result.timeline;
  const [first] = responseTimes;
  const withTimeline = (timeline: object) =>
    refusal(JSON.stringify({ ...result, timeline: { ...result.timeline, ...timeline } }));
  const damaged = (requests: readonly unknown[]) => withTimeline({ all: { ...all, requests } });
  t.match(
    damaged([1, -1, ...all.requests.slice(2)]),
    /^is damaged: timeline\.all\.requests\.1: must be at least 0, not -1;/,
  );
  t.match(damaged([1, '2', null]), /^is damaged: timeline\.all\.requests\.1: .*, and 1 more;/);
  const broken = { ...first, indices: [0.5] };
  t.match(
    withTimeline({ responseTimes: [broken] }),
    /^is damaged: timeline\.responseTimes\.0\.indices\.0: must be a whole number, not 0\.5;/,
  );
  t.match(withTimeline({ vus: 'many' }), /^is damaged: timeline\.vus: must be a list, not "many";/);
});

t.test('a file that an earlier version wrote is read, compared, and kept as a baseline', async (t) => {
  // Written by the bench of November 21, 2026; only the host has another name.
  const text = readFileSync(new URL('../kit/results/older-result.json', import.meta.url), 'utf8');
  const older = readResult(text);
  t.match(older, { agents: [{ joinedUs: 0, missing: [] }], journeys: undefined, ratios: undefined });
  const again = { ...older, runId: 'again' };
  t.strictSame(readRuns(baselineFile('main', [older, again])), { name: 'main', runs: [older, again] });
  const { outcome, rows, circumstances } = compareRuns([older], [again], { tolerance: 0, trustsAll: false });
  t.match({ outcome, rows: rows.length, circumstances }, { outcome: 'same', rows: 3, circumstances: { length: 0 } });
  t.notMatch(textOf(older), /undefined|NaN/);
});

t.test('the large result by which times are measured is one', async (t) => {
  t.equal(inconsistency(hourResult()), undefined);
});

t.test('the JSON Schema on disk is that of the code', async (t) => {
  // Without indentation: the package has little room.
  const current = JSON.stringify(resultJsonSchema(), null, 1).replaceAll(/^ +/gm, '');
  if (process.env.TAP_SNAPSHOT === '1') writeFileSync(SCHEMA, `${current}\n`);
  t.equal(readFileSync(SCHEMA, 'utf8'), `${current}\n`, 'write it anew with TAP_SNAPSHOT=1');
});
