import { XMLParser, XMLValidator } from 'fast-xml-parser';
import t from 'tap';
import type { PlanInput } from '../../core/plan/schema.ts';
import { withoutCommands } from '../../core/text/printable.ts';
import { judge } from '../../core/verdict/verdict.ts';
import junit, { junitWithoutRun, xmlOf, xmlText } from '../../reports/junit.ts';
import { matchesGolden } from '../kit/golden.ts';
import { junitFaults, type XmlElement } from '../kit/junit-schema.ts';
import fc, { anyCharacter } from '../kit/property.ts';
import { DOCUMENT_000, FAILING, INVALID, resultOf, UPLOAD_MS, uploadPlan } from '../kit/results/documents.ts';
import { HOSTILE_NAMES, hostileResult } from '../kit/results/hostile.ts';
import { buildResult } from '../kit/results/results.ts';

type Parsed = Record<string, unknown>;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  htmlEntities: true,
});

/** With order, as the parser gives it, in a plainer shape. */
function elementOf(parsed: Parsed): XmlElement {
  const name = Object.keys(parsed).find((key) => key !== ':@') as string;
  const content = parsed[name] as Parsed[];
  return {
    name,
    attributes: (parsed[':@'] ?? {}) as Record<string, string>,
    children: content.filter((child) => !('#text' in child)).map(elementOf),
    text: content.map((child) => ('#text' in child ? String(child['#text']) : '')).join(''),
  };
}

function parse(xml: string): XmlElement {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) throw new Error(`${valid.err.msg} in line ${valid.err.line}`);
  const [, root] = parser.parse(xml) as [Parsed, Parsed];
  return elementOf(root);
}

function suites(xml: string): XmlElement[] {
  return [...parse(xml).children];
}

function render(result: Parameters<typeof junit.render>[0], lang: 'en' | 'zh-CN' = 'en'): string {
  const [file] = junit.render(result, { lang });
  return file?.content ?? '';
}

t.test('the file, in both languages, as the schemas have it', async (t) => {
  for (const [name, shape] of Object.entries({ 'document-000': DOCUMENT_000, failing: FAILING, invalid: INVALID })) {
    for (const lang of ['en', 'zh-CN'] as const) {
      const xml = render(resultOf(shape), lang);
      matchesGolden(t, `junit/${name}.${lang}.xml`, xml);
      t.strictSame(junitFaults(parse(xml)), [], `${name} ${lang}`);
    }
  }
});

t.test('counts add up, and times are those that were measured', async (t) => {
  for (const suite of suites(render(resultOf(FAILING)))) {
    const cases = suite.children.filter(({ name }) => name === 'testcase');
    const ending = (outcome: string) => cases.filter(({ children }) => children[0]?.name === outcome).length;
    const { tests, failures, errors, skipped, time } = suite.attributes;
    t.strictSame([tests, failures, errors, skipped].map(Number), [
      cases.length,
      ending('failure'),
      ending('error'),
      ending('skipped'),
    ]);
    t.equal(time, '20.000', 'a suite has the time of the run, warm-up included');
    t.ok(
      cases.every(({ attributes }) => attributes.time === '0'),
      'no time is made up for a case',
    );
  }
});

t.test('what is broken fails, what could not be judged is an error, a warning is told', async (t) => {
  const [checks, devices] = suites(render(resultOf(FAILING)));
  t.equal(checks?.attributes.name, 'validity');
  t.match(devices?.attributes, { name: 'devices', failures: '5', errors: '2' });
  const broken = devices?.children.find(({ attributes }) => attributes.name === 'upload p95 < 200ms');
  t.match(broken?.children[0], {
    name: 'failure',
    attributes: { message: /^upload p95 < 200ms: failed with 231 ms/, type: 'threshold' },
    text: /^Expected: upload p95 < 200ms\nActual: 231 ms\n/,
  });
  const output = devices?.children.find(({ name }) => name === 'system-out');
  t.match(output?.text, /^health p99 < 60ms: failed with 85\.6 ms/);
  const properties = devices?.children[0]?.children.map(({ attributes }) => attributes);
  t.ok(properties?.some((property) => property.name === 'run' && property.value === 'Vq3xT8mKp2La'));
  t.ok(properties?.some((property) => property.name === 'target.database'));
});

t.test('each check of a script is a case, which passes, and tells how often it did not hold', async (t) => {
  const result = resultOf(FAILING);
  const scenario = result.scenarios[0]?.name ?? '';
  const counted = (passes: number, fails: number) => {
    return { warmup: { passes: 0, fails: 7 }, measure: { passes, fails } };
  };
  const checks = [
    { scenario, name: 'signed in', phases: counted(1997, 3) },
    { scenario, name: 'has items', phases: counted(2000, 0) },
  ];
  const [, devices] = suites(render({ ...result, checks }));
  const cases = devices?.children.filter(({ attributes }) => attributes.name?.startsWith('check "'));
  t.strictSame(
    cases?.map(({ attributes, children }) => [attributes.name, children.length]),
    [
      ['check "signed in"', 0],
      ['check "has items"', 0],
    ],
  );
  const output = devices?.children.find(({ name }) => name === 'system-out');
  t.match(output?.text, 'check "signed in" did not hold 3 of 2000 times.');
  t.notMatch(output?.text, 'has items');
  const [, distrusted] = suites(render({ ...resultOf(INVALID), checks }));
  t.match(distrusted?.attributes, { tests: '4', skipped: '4', failures: '0' });
});

t.test('a criterion on passes says why they failed, even where none of their requests did', async (t) => {
  const { operations, ...result } = resultOf(FAILING);
  const [upload] = operations;
  const phases = upload?.phases as NonNullable<typeof upload>['phases'];
  const kind = { firstSecond: 3, lastSecond: 9, samples: undefined };
  const errorKinds = [
    { ...kind, kind: 'item # is sold out', count: 7, example: 'item 17 is sold out (shopper.ts:12)' },
    { ...kind, kind: 'TypeError: x is <undefined>', count: 93, example: 'TypeError: x is <undefined> (shopper.ts:30)' },
  ];
  const measure = { ...phases.measure, requests: 100, errors: 100, errorKinds };
  const journeys = [{ scenario: 'devices', name: 'shoppers', phases: { ...phases, measure } }];
  const judged = {
    criterion: 'journey shoppers error_rate < 1%',
    severity: 'fail',
    isDefault: true,
    status: 'fail',
    actual: 1,
    limit: 0.01,
    unit: 'share',
    samples: 100,
  } as const;
  for (const [lang, isDefault, colon] of [
    ['en', ' (default)', ': '],
    ['zh-CN', '（默认）', '：'],
  ] as const) {
    const xml = render({ ...result, operations: [], journeys, thresholds: [judged] }, lang);
    t.strictSame(junitFaults(parse(xml)), []);
    const devices = suites(xml).find(({ attributes }) => attributes.name === 'devices');
    const failed = devices?.children.find(({ name }) => name === 'testcase');
    t.equal(failed?.attributes.name, `journey shoppers error_rate < 1%${isDefault}`);
    const lines = (failed?.children[0]?.text ?? '').split('\n').map((line) => line.trim());
    t.strictSame(
      lines.filter((line) => line.includes('×')),
      errorKinds.toReversed().map(({ kind, count, example }) => `${kind} × ${count}${colon}${example}`),
      'the most frequent first',
    );
  }
});

t.test('of a measurement that cannot be believed no criterion is judged', async (t) => {
  const [checks, devices] = suites(render(resultOf(INVALID)));
  t.match(checks?.attributes, { errors: '1', failures: '0' });
  t.match(devices?.attributes, { tests: '2', skipped: '2', failures: '0', errors: '0' });
});

t.test('a plan without criteria of its own fails where requests fail', async (t) => {
  const operations = { upload: { perSecond: 100, ms: UPLOAD_MS, fails: { http_503: 0.75 } } };
  const plan = uploadPlan({ monitors: {}, thresholds: [] });
  const result = { ...buildResult({ plan, stretches: [{ seconds: 5, vus: 20, operations }] }), validity: [] };
  t.equal(result.thresholds[0]?.status, 'fail');
  const xml = render({ ...result, verdict: judge([], result.thresholds) });
  const [, devices] = suites(xml);
  t.match(devices?.attributes, { tests: '1', failures: '1' });
  t.match(
    devices?.children.find(({ name }) => name === 'testcase'),
    {
      attributes: { name: 'error_rate < 1% (default)' },
      children: [{ attributes: { message: /failed with 75%, 75 times the limit/ } }],
    },
  );
  t.strictSame(junitFaults(parse(xml)), []);
});

t.test('a run that was stopped early is not green', async (t) => {
  const ending = { kind: 'stopped', by: 'request', reason: 'Ctrl-C' } as const;
  const met = resultOf(DOCUMENT_000);
  const [checks] = suites(render({ ...met, ending }));
  t.match(checks?.attributes, { errors: '1', tests: String(met.validity.length + 1) });
  const [stop] = checks?.children.filter(({ name }) => name === 'testcase') ?? [];
  t.match(stop, { attributes: { name: 'complete' }, children: [{ name: 'error', attributes: { type: 'aborted' } }] });
  t.match(stop?.children[0]?.text, /stopped early, after 9m of measurement \(Ctrl-C\)/);
  t.match(render({ ...met, ending }), /name="verdict" value="aborted"/);
  t.strictSame(junitFaults(parse(render({ ...met, ending }))), []);
  const byThreshold = { ...ending, by: 'threshold' } as const;
  t.match(suites(render({ ...resultOf(FAILING), ending: byThreshold }))[0]?.attributes, { errors: '0' });
});

t.test('a suite for each scenario, and one for the whole run', async (t) => {
  const scenario = (name: string) => ({
    ...{ executor: 'constant-vus' as const, vus: 1, duration: '5s' as const },
    operations: [{ driver: 'http-upload', name }],
  });
  const scenarios: PlanInput['scenarios'] = { writers: scenario('write'), readers: scenario('read') };
  const plan = uploadPlan({
    scenarios,
    thresholds: ['write p95 < 1s', 'scenario:readers p95 < 1s', 'error_rate < 1%'],
    monitors: {},
  });
  const operations = { write: { perSecond: 10, ms: UPLOAD_MS }, read: { perSecond: 10, ms: UPLOAD_MS } };
  const xml = render(buildResult({ plan, stretches: [{ seconds: 5, vus: 2, operations }] }));
  t.strictSame(junitFaults(parse(xml)), []);
  t.strictSame(
    suites(xml).map(({ attributes, children }) => [
      attributes.name,
      children.filter(({ name }) => name === 'testcase').length,
    ]),
    [
      ['validity', 11],
      ['writers', 1],
      ['readers', 1],
      ['Upload test', 1],
    ],
  );
});

t.test('hostile names stay names', async (t) => {
  const xml = render(hostileResult(HOSTILE_NAMES));
  t.strictSame(junitFaults(parse(xml)), []);
});

t.test('any text reads back, but for what does not print or is a command to CI', async () => {
  const nasty = fc.constantFrom(
    ']]>',
    '<![CDATA[',
    '&#0;',
    '&amp;',
    '<!--',
    '"',
    "'",
    '\t',
    '\r\n',
    '\u0000',
    '\ud800',
    '😀',
    '\ufffe',
  );
  const texts = fc
    .array(fc.oneof(nasty, fc.string({ unit: anyCharacter })), { maxLength: 6 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(texts, (text) => {
      const line = `|${text}|`;
      const root = parse(xmlOf({ name: 'a', attributes: { b: text }, content: [line] }));
      return root.attributes.b === xmlText(withoutCommands(text)) && root.text === xmlText(withoutCommands(line));
    }),
    { numRuns: 1500 },
  );
});

t.test('a run that did not take place is one error, as the schemas have it', async (t) => {
  const reason = 'plan.yaml has 2 problems:\n  line 1: <a> & "b"\n  ::error::x';
  const xml = junitWithoutRun('plan.yaml', reason, { at: new Date(0), host: 'ci' });
  t.strictSame(junitFaults(parse(xml)), []);
  const [suite] = suites(xml);
  t.match(suite?.attributes, { tests: '1', errors: '1', failures: '0', timestamp: '1970-01-01T00:00:00' });
  t.match(xml, /<error message="plan\.yaml has 2 problems:" type="no-run">/);
  t.notMatch(xml, /^\s*::/m);
});
