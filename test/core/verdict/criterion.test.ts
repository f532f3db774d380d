import { readFileSync } from 'node:fs';
import t from 'tap';
import { quoteName } from '../../../core/verdict/criterion/select.ts';
import { ThresholdError } from '../../../core/verdict/criterion/threshold-error.ts';
import { type Criterion, parseThreshold } from '../../../core/verdict/criterion.ts';
import fc, { anyCharacter } from '../../kit/property.ts';

/** What matters of a criterion, in one line. */
function told(criterion: Criterion): string {
  const { subject, scenario, tag, phase, time, metric, comparison, limit, windowSeconds } = criterion;
  const quantile = metric.kind === 'percentile' ? `:${metric.quantile}` : '';
  return [
    subject?.name ?? 'all',
    scenario && `scenario ${scenario.name}`,
    tag && `tag ${tag.name}=${tag.value}`,
    phase.name === 'warmup' && 'warmup',
    time.name === 'service_time' && 'service',
    `${metric.kind}${quantile}`,
    comparison,
    `${limit.value} ${limit.unit}`,
    windowSeconds && `for ${windowSeconds}`,
  ]
    .filter(Boolean)
    .join(' | ');
}

function failure(text: string): ThresholdError {
  try {
    parseThreshold(text);
  } catch (error) {
    if (error instanceof ThresholdError) return error;
    throw error;
  }
  throw new Error(`"${text}" was read`);
}

t.test('what can be written', async (t) => {
  const cases: [text: string, meaning: string][] = [
    ['upload p95 < 200ms', 'upload | percentile:0.95 | < | 200000 us'],
    ['upload max <= 200ms', 'upload | max | <= | 200000 us'],
    ['error_rate < 0.1%', 'all | error_rate | < | 0.001 share'],
    ['error_rate <= 0.7%', 'all | error_rate | <= | 0.007 share'],
    ['error_rate < 0.05', 'all | error_rate | < | 0.05 share'],
    ['rps >= 300', 'all | rps | >= | 300 perSecond'],
    ['rps >= 300rps', 'all | rps | >= | 300 perSecond'],
    ['rps >= 18000/m', 'all | rps | >= | 300 perSecond'],
    ['rps >= 300 /s', 'all | rps | >= | 300 perSecond'],
    ['http.connect p99 < 50ms', 'http.connect | percentile:0.99 | < | 50000 us'],
    ['target.queue_depth max <= 5', 'target.queue_depth | max | <= | 5 bare'],
    ['target.host_cpu_share avg < 90%', 'target.host_cpu_share | mean | < | 0.9 bare'],
    ['lost == 0', 'all | lost | == | 0 count'],
    ['availability > 99.9%', 'all | availability | > | 0.999 share'],
    ['upload fails == 0', 'upload | errors | == | 0 count'],
    ['upload errors == 0', 'upload | errors | == | 0 count'],
    ['requests >= 1000', 'all | requests | >= | 1000 count'],
    ['dropped_rate <= 1%', 'all | dropped_rate | <= | 0.01 share'],
    ['p99.9<1s', 'all | percentile:0.999 | < | 1000000 us'],
    ['p100 < 1m30s', 'all | percentile:1 | < | 90000000 us'],
    ['median != 10 ms', 'all | percentile:0.5 | != | 10000 us'],
    ['scenario:devices p95 < 1s', 'all | scenario devices | percentile:0.95 | < | 1000000 us'],
    ['scenario:"night shift" p95 < 1s', 'all | scenario night shift | percentile:0.95 | < | 1000000 us'],
    ['tag:kind=write service_time p95 < 1s', 'all | tag kind=write | service | percentile:0.95 | < | 1000000 us'],
    ['upload phase:warmup p95 < 1s', 'upload | warmup | percentile:0.95 | < | 1000000 us'],
    ['response_time upload p95 < 1s for 10s', 'upload | percentile:0.95 | < | 1000000 us | for 10'],
    ['"GET /health" p95 < 1s', 'GET /health | percentile:0.95 | < | 1000000 us'],
    ["'p95' p95 < 1s", 'p95 | percentile:0.95 | < | 1000000 us'],
    ['"scenario:x" p95 < 1s', 'scenario:x | percentile:0.95 | < | 1000000 us'],
    ['测试数据上传接口 p95 < 200ms', '测试数据上传接口 | percentile:0.95 | < | 200000 us'],
    ['/api/system/health p95 < 1s', '/api/system/health | percentile:0.95 | < | 1000000 us'],
  ];
  for (const [text, meaning] of cases) t.equal(told(parseThreshold(text)), meaning, text);
});

t.test('what cannot be read, with its place and how to fix it', async (t) => {
  const cases: [text: string, column: number, problem: RegExp][] = [
    ['', 1, /the criterion ends before a metric/],
    ['p95 < 3rps', 7, /p95 is a duration: write it with us, ms, s or m, such as 200ms, not "3rps"/],
    ['p95 < 200', 7, /p95 is a duration/],
    ['error_rate < 200ms', 14, /error_rate is a share: write it in percent/],
    ['error_rate < 200%', 14, /error_rate is a share/],
    ['rps > 3ms', 7, /rps is a rate/],
    ['upload fails == 0.5', 17, /fails is a count: write a whole number/],
    ['upload p95 < fast', 14, /"fast" is not a number; p95 is a duration/],
    ['upload p95th < 200ms', 8, /"p95th" is not a metric; did you mean "p95"\?/],
    ['p(95)<200', 6, /did you mean "p95" by "p\(95\)"\?/],
    ['upload p(90) < 200ms', 8, /did you mean "p90"\?/],
    ['http_req_failed rate<0.01', 17, /"rate" is not a metric; did you mean "error_rate"\?/],
    ['http_req_duration < 200ms', 19, /did you mean "p95" by "http_req_duration"\?/],
    ['upload med < 200ms', 8, /did you mean "median"\?/],
    ['upload < 200ms', 8, /"<" comes before a metric; write one after "upload"/],
    ['eror_rate < 1%', 11, /did you mean "error_rate" by "eror_rate"\?/],
    ['p101 < 1s', 6, /before a metric/],
    ['p0 < 1s', 4, /before a metric/],
    ['upload p95 = 200ms', 12, /write == for "equals"/],
    ['upload p95 200ms', 12, /expected <, <=, >, >=, == or != after p95, not "200ms"/],
    ['requests p95 < 1s', 10, /put a name that is also a metric in quotes/],
    ['upload p95 <', 13, /a limit is missing/],
    ['upload p95 < 200ms for', 23, /after "for" comes a duration of whole seconds/],
    ['upload p95 < 200ms for 1500ms', 24, /whole seconds/],
    ['upload p95 < 200ms over 10s', 20, /expected "for" and a duration/],
    ['upload p95 < 200ms for 10s now', 28, /"now" is too much/],
    ['"upload p95 < 200ms', 1, /the quote " is not closed/],
    ['scenario: p95 < 1s', 1, /scenario: needs a name right after it/],
    ['scenario:a scenario:b p95 < 1s', 12, /scenario: is there twice/],
    ['tag:kind p95 < 1s', 1, /write a tag as tag:key=value/],
    ['phase:cooldown p95 < 1s', 1, /there is no phase "cooldown"/],
    ['lost == 0 for 10s', 11, /lost is known only after the run/],
    ['upload lost == 0', 1, /lost is measured only on the whole run: write it without "upload"/],
    ['scenario:a dropped == 0', 1, /dropped is measured only on the whole run/],
  ];
  for (const [text, column, problem] of cases) {
    const error = failure(text);
    t.match(error.message, problem, text);
    t.equal(error.position + 1, column, `${text}: column`);
    t.match(error.message, `column ${column}: `);
  }
});

t.test('a message stays short, whatever was written', async (t) => {
  t.ok(failure(`upload ${'x'.repeat(10_000)} < 1s`).message.length < 10_400);
  t.ok(failure(`p95 < ${'x'.repeat(10_000)}`).message.length < 300);
});

t.test('any text is read or refused with a place inside it', async () => {
  const words = fc.constantFrom(
    'p95',
    'upload',
    '<',
    '==',
    '200ms',
    'for',
    '10s',
    '"',
    "'",
    'tag:a=b',
    'scenario:',
    '\\',
  );
  const texts = fc.oneof(
    fc.string({ unit: anyCharacter }),
    fc.array(words).map((list) => list.join(' ')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        return parseThreshold(text).text === text.trim();
      } catch (error) {
        return error instanceof ThresholdError && error.position >= 0 && error.position <= text.length;
      }
    }),
    { numRuns: 2000 },
  );
});

t.test('a name as it must be written reads back as that name', async () => {
  const words = fc.constantFrom('p95', 'service_time', 'rps', 'scenario:x', 'upload', 'a=b', '!', 'for');
  const names = fc.oneof(words, fc.string({ unit: anyCharacter, minLength: 1 }));
  fc.assert(
    fc.property(names, names, (name, scenario) => {
      const criterion = parseThreshold(`${quoteName(name)} scenario:${quoteName(scenario)} p95 < 1s`);
      return criterion.subject?.name === name && criterion.scenario?.name === scenario;
    }),
    { numRuns: 2000 },
  );
});

t.test('what the documentation shows can be read', async (t) => {
  const text = readFileSync(new URL('../../../docs/thresholds.md', import.meta.url), 'utf8');
  const [, block = ''] = /```yaml\nthresholds:\n(.*?)```/s.exec(text) ?? [];
  const criteria = [...block.matchAll(/^ {2}- (?:criterion: )?(.*)$/gm)].map(([, criterion]) => criterion as string);
  t.ok(criteria.length >= 7);
  for (const criterion of criteria) t.doesNotThrow(() => parseThreshold(criterion), criterion);
});
