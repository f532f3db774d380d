import { defineReport } from '../core/plugin.ts';
import type { CheckResult, RatioResult, RunResult, ThresholdResult, ValidityCheck } from '../core/stats/result.ts';
import { printable, withoutCommands } from '../core/text/printable.ts';
import { outcomeOf } from '../core/verdict/conclusion/run-outcome.ts';
import { searchConclusion } from '../core/verdict/conclusion/search.ts';
import { parseThreshold } from '../core/verdict/criterion.ts';
import { type Lang, renderMessage } from '../core/verdict/messages/message.ts';
import { formatJudged } from '../core/verdict/quantity.ts';
import { abortSentence, criterionText, thresholdSentence } from '../core/verdict/verdict.ts';
import { LABELS } from './labels/labels.ts';
import { languageOptions } from './options.ts';
import { isSkipped } from './view/judgement.ts';
import { excerptsOf } from './view/samples.ts';

/**
 * JUnit XML as GitHub, GitLab and Jenkins read it: a suite for the measurement itself with a case for each validity check,
 * and one for each scenario with a case for each threshold and each check of its script. A check decides nothing by itself, so
 * that one that did not always hold is told as a warning is. A `failure` is a criterion that failed. An `error` is one that
 * could not be judged, a measurement that cannot be trusted, or a run that was stopped early. `skipped` is what was not
 * judged. A warning passes, and stands in the output of the suite. The time of a case is 0: all cases are judged on the whole
 * run, whose time the suite has. Keeps to the schema of Apache Ant's JUnit task and to that of Jenkins.
 */
export default defineReport<{ lang: Lang }>({
  name: 'junit',
  description: 'JUnit XML for CI: a case for each threshold, check and validity check.',
  options: languageOptions,
  render: (result, { lang }) => [{ name: 'junit.xml', content: xmlOf(suitesOf(result, lang)) }],
});

/**
 * The report of a run that has no result: one error. CI would take no report at all for one that has nothing to say.
 * @param plan the name or the file of the plan
 * @param reason why there was no run, in one line or several
 */
export function junitWithoutRun(plan: string, reason: string, { at, host }: { at: Date; host: string }): string {
  const lines = reason.split('\n');
  const attributes = {
    name: 'run',
    package: plan,
    id: 0,
    timestamp: at.toISOString().slice(0, 19),
    hostname: host,
    tests: 1,
    failures: 0,
    errors: 1,
    skipped: 0,
    time: '0.000',
  };
  const error = outcome('error', lines[0] as string, 'no-run', lines);
  const content: Element[] = [
    { name: 'properties', attributes: {} },
    { name: 'testcase', attributes: { name: 'takes place', classname: `${plan}.run`, time: 0 }, content: [error] },
    { name: 'system-out', attributes: {} },
    { name: 'system-err', attributes: {} },
  ];
  return xmlOf({ name: 'testsuites', attributes: {}, content: [{ name: 'testsuite', attributes, content }] });
}

interface Case {
  readonly name: string;
  readonly outcome?: Element;
  /** A line of the suite's output. */
  readonly output?: string;
}

function suitesOf(result: RunResult, lang: Lang): Element {
  const validity = [...abortCases(result, lang), ...result.validity.map((check) => validityCase(check, lang))];
  const isBelieved = result.validity.every(({ ok }) => ok);
  const scenarios = result.scenarios.map(({ name }) => name);
  const byScenario = Map.groupBy(result.thresholds, (threshold) => scenarioOf(threshold, result));
  // Thresholds of the whole run go to its only scenario, or into a suite of their own.
  const ofRun = byScenario.get(undefined) ?? [];
  const suites = scenarios.map((scenario): [string, ThresholdResult[]] => {
    const own = byScenario.get(scenario) ?? [];
    return [scenario, scenarios.length === 1 ? [...own, ...ofRun] : own];
  });
  if (scenarios.length !== 1 && ofRun.length > 0) suites.push([result.plan.name, ofRun]);
  const cases = suites.map(([name, own]): [string, Case[]] => [
    name,
    [
      ...own.map((threshold) => thresholdCase(threshold, isBelieved, result, lang)),
      ...(result.checks ?? [])
        .filter(({ scenario }) => scenario === name)
        .map((check) => checkCase(check, isBelieved, lang)),
      ...(result.search?.scenario === name ? [searchCase(result, lang)] : []),
    ],
  ]);
  return {
    name: 'testsuites',
    attributes: {},
    content: [['validity', validity] as const, ...cases].map(([name, own], id) => suiteOf(id, name, own, result)),
  };
}

/** The scenario whose operations the threshold is about; undefined for the whole run or for several scenarios. */
function scenarioOf({ criterion }: ThresholdResult, { operations, journeys }: RunResult): string | undefined {
  const { scenario, journey, subject } = parseThreshold(criterion);
  if (scenario !== undefined) return scenario.name;
  if (journey !== undefined) return journeys?.find(({ name }) => name === journey.name)?.scenario;
  const named = new Set(operations.filter(({ name }) => name === subject?.name).map((operation) => operation.scenario));
  return named.size === 1 ? [...named][0] : undefined;
}

function suiteOf(id: number, name: string, cases: readonly Case[], result: RunResult): Element {
  const seconds = (result.warmupUs + result.measuredUs) / 1e6;
  const count = (outcome: string) => cases.filter((one) => one.outcome?.name === outcome).length;
  const className = `${result.plan.name}.${name}`;
  const output = cases.flatMap((one) => one.output ?? []);
  return {
    name: 'testsuite',
    attributes: {
      name,
      package: result.plan.name,
      id,
      // The schema takes neither a time zone nor fractions: this is UTC.
      timestamp: new Date(result.startedAt).toISOString().slice(0, 19),
      hostname: result.control.host,
      tests: cases.length,
      failures: count('failure'),
      errors: count('error'),
      skipped: count('skipped'),
      time: seconds.toFixed(3),
    },
    content: [
      { name: 'properties', attributes: {}, content: propertiesOf(result) },
      ...cases.map(
        (one): Element => ({
          name: 'testcase',
          attributes: { name: one.name, classname: className, time: 0 },
          content: one.outcome === undefined ? [] : [one.outcome],
        }),
      ),
      { name: 'system-out', attributes: {}, content: output },
      { name: 'system-err', attributes: {} },
    ],
  };
}

function propertiesOf(result: RunResult): Element[] {
  const { control, agents, targetEnvironment } = result;
  const properties: [string, string | number][] = [
    ['run', result.runId],
    ['verdict', outcomeOf(result)],
    ['seed', result.seed],
    ['bench', result.toolVersion],
    ['target', result.plan.target ?? ''],
    ...Object.entries(result.plan.params ?? {}).map(([name, { default: value }]): [string, string] => [
      `param.${name}`,
      String(value ?? ''),
    ]),
    ['agents', agents.length],
    ['os', control.os],
    ['runtime', control.runtime],
    ['cpus', control.cpus],
    ['cpu', control.cpuModel],
    ...(result.ratios ?? []).map(ratioProperty),
    ...Object.entries(targetEnvironment).map(([label, value]): [string, string] => [`target.${label}`, value]),
  ];
  return properties.map(([name, value]) => ({ name: 'property', attributes: { name, value } }));
}

/** Such as `0.98 (980 of 1000)`. */
function ratioProperty({ name, phases: { measure }, voidReason }: RatioResult): [string, string] {
  const { hits, of } = measure;
  if (voidReason !== undefined) return [`ratio.${name}`, `void: ${voidReason}`];
  return [`ratio.${name}`, of === 0 ? '' : `${Number((hits / of).toPrecision(6))} (${hits} of ${of})`];
}

/** What a search found stands in the output; whether that is enough is a matter of thresholds. */
function searchCase(result: RunResult, lang: Lang): Case {
  const sentences = searchConclusion(result).map((message) => renderMessage(message, lang));
  return { name: 'search', output: sentences.join(' ') };
}

/** Criteria that passed for a while do not make a run green that was stopped early. */
function abortCases(result: RunResult, lang: Lang): Case[] {
  const sentence = abortSentence(result, lang);
  return sentence === undefined ? [] : [{ name: 'complete', outcome: outcome('error', sentence, 'aborted') }];
}

function validityCase(check: ValidityCheck, lang: Lang): Case {
  const { name, ok, message } = check;
  const finding = renderMessage(message, lang);
  if (!ok) return { name, outcome: outcome('error', finding, 'validity') };
  if (isSkipped(message)) return { name, outcome: skipped(finding) };
  return message.id.endsWith('.some') ? { name, output: finding } : { name };
}

function checkCase({ name: check, phases }: CheckResult, isBelieved: boolean, lang: Lang): Case {
  const name = `check "${check}"`;
  if (!isBelieved) return { name, outcome: skipped(LABELS[lang]['junit.notBelieved']) };
  const { passes, fails } = phases.measure;
  if (fails === 0) return { name };
  const message = { id: 'check.fails', params: { name: check, fails, all: passes + fails } };
  return { name, output: renderMessage(message, lang) };
}

function thresholdCase(result: ThresholdResult, isBelieved: boolean, run: RunResult, lang: Lang): Case {
  const name = criterionText(result, lang);
  const sentence = thresholdSentence(result, lang);
  if (!isBelieved) return { name, outcome: skipped(LABELS[lang]['junit.notBelieved']) };
  if (result.status === 'pass') return { name };
  if (result.status === 'invalid') {
    if (result.severity === 'warn') return { name, outcome: skipped(sentence) };
    return { name, outcome: outcome('error', sentence, 'not-judged') };
  }
  if (result.severity === 'warn') return { name, output: sentence };
  const labels = LABELS[lang];
  const colon = labels['word.colon'];
  const lines = [
    `${labels['junit.expected']}${colon}${result.criterion}`,
    `${labels['column.actual']}${colon}${formatJudged(result.actual, result.limit, result.unit)}`,
    sentence,
    ...failuresOf(result, run, colon),
  ];
  return { name, outcome: outcome('failure', sentence, 'threshold', lines) };
}

/** What of failures a criterion about them shows: whoever reads a CI report may have no other. */
const MAX_FAILURES = 3;

/** For a criterion about failures: why passes failed, where it is about a journey, and the first failed request of each kind in full. */
function failuresOf(threshold: ThresholdResult, run: RunResult, colon: string): string[] {
  const { metric, subject, journey, check, tag, phase } = parseThreshold(threshold.criterion);
  if (!['errors', 'error_rate', 'availability'].includes(metric.kind)) return [];
  // Failures are kept in full for operations, in the phase that is measured.
  if (check !== undefined || phase.name === 'warmup') return [];
  const scenario = scenarioOf(threshold, run);
  const meant = run.operations.filter((operation) => {
    const isTagged =
      tag === undefined || (Object.hasOwn(operation.tags, tag.name) && operation.tags[tag.name] === tag.value);
    const isNamed = [undefined, operation.name].includes(subject?.name);
    return isTagged && isNamed && [undefined, operation.scenario].includes(scenario);
  });
  const first = excerptsOf(meant, run.agents.length > 1).filter(({ isFirst }) => isFirst);
  const inFull = first.slice(0, MAX_FAILURES).flatMap(({ title, lines }) => ['', title, ...lines]);
  return [...(journey === undefined ? [] : failedPasses(journey.name, run, colon)), ...inFull];
}

/** A pass may fail while all of its requests succeed, so that none of them says why. */
function failedPasses(name: string, { journeys = [] }: RunResult, colon: string): string[] {
  const kinds = journeys.find((journey) => journey.name === name)?.phases.measure.errorKinds ?? [];
  const most = kinds.toSorted((a, b) => b.count - a.count).slice(0, MAX_FAILURES);
  return most.map(({ kind, count, example }) => `${kind} × ${count}${colon}${example}`);
}

export function outcome(name: string, message: string, type: string, content: readonly string[] = [message]): Element {
  return { name, attributes: { message, type }, content };
}

/** The schema of Apache Ant's task allows it no attributes. */
export function skipped(reason: string): Element {
  return { name: 'skipped', attributes: {}, content: [reason] };
}

/** Characters that print, and that XML 1.0 cannot contain all the same. */
const ILLEGAL = /[\ufffe\uffff]/g;

const REFERENCES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Escapes one line of an element, or an attribute. It is read back as {@link xmlText} gives it. */
function xmlEscaped(text: string): string {
  return xmlText(text).replaceAll(/[&<>"]/g, (character) => REFERENCES[character] as string);
}

/** The text with a visible sign in place of each character that does not print, or that XML cannot contain. */
export function xmlText(text: string): string {
  return printable(text).replaceAll(ILLEGAL, '\ufffd');
}

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Elements, or lines of text. */
  readonly content?: readonly Element[] | readonly string[];
}

export function xmlOf(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${elementOf(root, '')}`;
}

function elementOf({ name, attributes, content = [] }: Element, indent: string): string {
  const given = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${xmlEscaped(withoutCommands(String(value)))}"`,
  );
  const start = `${indent}<${name}${given.join('')}`;
  if (content.length === 0) return `${start}/>\n`;
  if (content.every((part) => typeof part === 'string')) return `${start}>${xmlLines(content)}</${name}>\n`;
  const children = content as readonly Element[];
  return `${start}>\n${children.map((child) => elementOf(child, `${indent}  `)).join('')}${indent}</${name}>\n`;
}

/** Lines of an element, which CI may show as they are. */
function xmlLines(lines: readonly string[]): string {
  return lines.map((line) => xmlEscaped(withoutCommands(line))).join('&#10;');
}
