import t from 'tap';
import { FailureSamples } from '../../agents/engine/failure-samples.ts';
import { plain } from '../../core/cli/output.ts';
import { endScreen } from '../../core/cli/view/ending.ts';
import { SecretMask } from '../../core/secrets/secret-mask.ts';
import type { RunSample } from '../../core/stats/kept-sample.ts';
import type { RunResult } from '../../core/stats/result.ts';
import { printable } from '../../core/text/printable.ts';
import { builtinReports } from '../../reports/builtin.ts';
import { readResult } from '../../reports/read-result.ts';
import { makeView } from '../../reports/view.ts';
import { OK } from '../kit/engine.ts';
import fc from '../kit/property.ts';
import { FAILING, resultOf } from '../kit/results/documents.ts';
import { HOSTILE_NAMES } from '../kit/results/hostile.ts';

/** The failing run, whose only failures in full are these. */
function resultWith(samples: readonly RunSample[]): RunResult {
  const result = resultOf(FAILING);
  const operations = result.operations.map((operation) => {
    const { errorKinds, ...measure } = operation.phases.measure;
    const kinds = errorKinds.map(({ samples: _, ...kind }) => {
      return { ...kind, ...(kind.kind === 'http_503' && samples.length > 0 && { samples }) };
    });
    return { ...operation, phases: { ...operation.phases, measure: { ...measure, errorKinds: kinds } } };
  });
  return { ...result, operations };
}

async function reportsOf(result: RunResult): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const load of Object.values(builtinReports)) {
    const plugin = (await load()).default;
    const options = await plugin.options['~standard'].validate({});
    if (options.issues) throw new Error(JSON.stringify(options.issues));
    for (const { name, content } of plugin.render(result, options.value)) files.set(name, content);
  }
  return files;
}

/** BEL, ESC, and the mark that turns the direction of writing around. */
const STEERING = ['\u0007', '\u001b', '\u202e'];

const SAMPLE: RunSample = {
  atUs: 17_250_000,
  durationUs: 12_345,
  agent: 'agent-7',
  message: 'POST /upload: the server answered 503',
  sent: 'POST /upload HTTP/1.1\nHost: shop\n\n{"id":7}',
  received: 'HTTP/1.1 503 Service Unavailable\n\nfirst-answer',
};
const SECOND: RunSample = { ...SAMPLE, received: 'HTTP/1.1 503 Service Unavailable\n\nsecond-answer' };

t.test('each report that shows failures shows the first of a kind in full', async (t) => {
  const result = resultWith([SAMPLE, SECOND]);
  const files = await reportsOf(result);
  for (const name of ['report.md', 'report.html', 'junit.xml', 'result.json', 'github-summary.md']) {
    for (const part of ['POST /upload HTTP/1.1', 'first-answer'])
      t.ok(files.get(name)?.includes(part), `${name}: ${part}`);
  }
  for (const name of ['report.html', 'result.json']) t.match(files.get(name), 'second-answer', name);
  t.notMatch(files.get('report.md'), 'second-answer');
  t.match(files.get('report.md'), 'More of them, in the reports html and json: 1');
  const narrow = endScreen(makeView(result, 'en'), [], 30, plain).join('\n').replaceAll(/\s+/g, ' ');
  t.match(narrow, SAMPLE.message, 'the message is never cut');
  const screen = endScreen(makeView(result, 'en'), [], 100, plain);
  t.ok(screen.some((line) => line.includes('< HTTP/1.1 503 Service Unavailable')));
  t.strictSame(readResult(files.get('result.json') ?? ''), result, 'and it is read back');
});

const SEEN_BY = /12\.3\d* ms · agent-7/;

t.test('with several agents, a failure says which of them saw it', async (t) => {
  const result = resultWith([SAMPLE]);
  const [agent] = result.agents;
  if (agent === undefined) throw new Error('the result has no agent');
  const alone = await reportsOf({ ...result, agents: [agent] });
  const several = await reportsOf({ ...result, agents: [agent, { ...agent, name: 'agent-7' }] });
  for (const name of ['report.md', 'report.html', 'junit.xml', 'github-summary.md']) {
    t.match(several.get(name), SEEN_BY, name);
    t.notMatch(alone.get(name), SEEN_BY, name);
  }
  const { agent: _, ...before } = SAMPLE;
  const earlier = { ...resultWith([before]), agents: [agent, agent] };
  const files = await reportsOf(earlier);
  t.match(files.get('report.md'), /12\.35 ms\*\*$/m, 'a result of an earlier version');
  t.strictSame(readResult(files.get('result.json') ?? ''), earlier);
});

t.test('a criterion that is not about failures does not show them', async (t) => {
  const junit = (await reportsOf(resultWith([SAMPLE]))).get('junit.xml') ?? '';
  const failures = junit.split('<failure').slice(1);
  t.ok(failures.length > 1);
  for (const failure of failures) {
    t.equal(failure.includes('first-answer'), /error_rate/.test(failure.slice(0, failure.indexOf('</failure>'))));
  }
});

t.test('a criterion about failures shows those of the operations that it means, and no others', async (t) => {
  const result = resultWith([SAMPLE]);
  const operations = result.operations.map((one) => ({
    ...one,
    tags: { kind: one.name === 'upload' ? 'write' : 'read' },
  }));
  const broken = result.thresholds.find(({ criterion }) => criterion.startsWith('error_rate'));
  if (broken === undefined) throw new Error('the failing run has no criterion about failures');
  for (const [criterion, isShown] of [
    ['error_rate < 0.1%', true],
    ['upload error_rate < 0.1%', true],
    ['health error_rate < 0.1%', false],
    ['tag:kind=write fails == 0', true],
    ['tag:kind=read fails == 0', false],
    ['tag:toString=write fails == 0', false],
    ['phase:warmup error_rate < 0.1%', false],
    ['check "signed in" fails == 0', false],
  ] as const) {
    const thresholds = [{ ...broken, criterion }];
    const junit = (await reportsOf({ ...result, operations, thresholds })).get('junit.xml') ?? '';
    const [, failure = ''] = junit.split('<failure');
    t.match(failure, '</failure>');
    t.equal(failure.includes('first-answer'), isShown, criterion);
  }
});

t.test('what a target sends breaks no report', async (t) => {
  for (const text of HOSTILE_NAMES) {
    const sample = {
      ...SAMPLE,
      message: text,
      sent: `${text}\n\n${text}`,
      received: `${text}\n\n\`\`\`\`\n${text}\n</code></pre>`,
    };
    const result = resultWith([sample]);
    const files = await reportsOf(result);
    t.notMatch(files.get('report.html'), '<script>alert');
    t.notMatch(files.get('report.html'), '</code></pre>\n</code>');
    for (const [name, content] of files) {
      if (name !== 'result.json')
        t.notOk(
          STEERING.some((character) => content.includes(character)),
          name,
        );
    }
    for (const line of endScreen(makeView(result, 'en'), [], 60, plain)) {
      t.equal(line, printable(line));
    }
  }
});

/** What a secret of the plan looks like where it was filled in, and where a target repeats it. */
const ENCODINGS: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => `X-Note: ${secret}\nY: 1`,
  (secret) => JSON.stringify({ note: secret }),
  (secret) => JSON.stringify({ note: secret }).replaceAll('/', '\\/'),
  (secret) => JSON.stringify({ echo: JSON.stringify({ note: secret }) }),
  (secret) => JSON.stringify({ log: JSON.stringify({ echo: JSON.stringify({ note: secret }) }) }),
  (secret) => `/path?filter=${encodeURIComponent(JSON.stringify({ note: secret }))}`,
  (secret) => `/path?note=${encodeURIComponent(secret)}&x=1`,
  (secret) => new URLSearchParams({ note: secret, x: '1' }).toString(),
  (secret) =>
    `<p>${secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')}</p>`,
];
/** The beginning of every secret here: no encoding changes it, and nothing else holds it. */
const MARK = 'ZqXw';

t.test('a secret of the plan is in no report', async (t) => {
  const tail = fc.string({
    maxLength: 12,
    unit: fc.constantFrom('a', '&', '"', "'", '<', '/', ' ', '+', '%', 'é', '\\', '$', '\n'),
  });
  const padding = fc.constantFrom('', 'x', 'x'.repeat(1000), 'x'.repeat(1021), 'x'.repeat(16_370), 'a\n\nb');
  const parts = fc.array(fc.tuple(padding, fc.constantFrom(...ENCODINGS)), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(tail, parts, parts, async (tail, sentParts, receivedParts) => {
      const secret = MARK + tail;
      const mask = new SecretMask();
      mask.add(secret, '{SECRET}');
      const text = (parts: typeof sentParts) =>
        parts.map(([before, encode]) => `${before} ${encode(secret)}`).join('\n');
      const detail = { sent: `POST /\n\n${text(sentParts)}`, received: text(receivedParts) };
      const samples = new FailureSamples((text) => mask.hide(text));
      const message = `the body is ${JSON.stringify(secret)}`;
      const sample = samples.take(0, { ...OK, ok: false, errorKind: 'http_503', message, detail }, 17e6, 10);
      const result = resultWith(sample === undefined ? [] : [sample]);
      for (const [name, content] of await reportsOf(result)) t.notOk(content.includes(MARK), name);
      t.notMatch(endScreen(makeView(result, 'en'), [], 200, plain).join('\n'), MARK);
    }),
    { numRuns: 40 },
  );
});
