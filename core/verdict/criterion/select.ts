import type { ResolvedPlan } from '../../plan/resolve.ts';
import type { ResolvedOperation } from '../../plan/resolved-operation.ts';
import { nearest } from '../../text/nearest.ts';
import type { Criterion, Named } from '../criterion.ts';
import { isOfTheWholeRun, metricNamed, unitOf } from './metric.ts';
import type { ScriptSelector } from './script-selector.ts';
import { ThresholdError } from './threshold-error.ts';

/** What a criterion's names stand for in a plan. */
export type Selection =
  | {
      readonly kind: 'operations';
      readonly indices: ReadonlySet<number>;
      /** Undefined where no script can have named a row that is meant. */
      readonly script: ScriptSelector | undefined;
    }
  | { readonly kind: 'check'; readonly name: string; readonly scenario: string | undefined }
  | { readonly kind: 'timing'; readonly name: string }
  | { readonly kind: 'ratio'; readonly name: string }
  | { readonly kind: 'monitor'; readonly name: string }
  /** With the rows by which iterations are counted: an arrival is one of these, or was dropped. */
  | { readonly kind: 'run'; readonly indices: ReadonlySet<number> };

/** What can be measured on a check, which has no duration. */
const CHECK_METRICS: ReadonlySet<string> = new Set(['requests', 'errors', 'error_rate', 'availability']);
/** A name that reads as the timing of a driver or the metric of a monitor. */
const DOTTED = /^[\w-]+(\.[\w-]+)+$/;

/** A row that criteria can name. */
export type Selectable = Pick<ResolvedOperation, 'index' | 'name' | 'scenarioName' | 'tags'> & {
  readonly isJourney?: boolean;
  /** The scenario's index in the plan, where its script may name more rows while the load runs. */
  readonly scriptOf?: number;
};

/** The rows of a plan: its operations and, after them, its journeys. */
export function selectableRows({ plan, operations, journeys }: ResolvedPlan): Selectable[] {
  const scenarios = Object.keys(plan.scenarios);
  return [
    ...operations,
    ...journeys.map(({ index, scenario, name, work }) => ({
      index,
      name,
      scenarioName: scenarios[scenario] as string,
      tags: {},
      isJourney: true,
      ...(work.kind === 'script' && { scriptOf: scenario }),
    })),
  ];
}

/**
 * Looks up the names of a criterion. What the metric `ratio` is of is a ratio. Else operations come first. Any other name with a dot
 * is the timing of a driver if the limit is a duration, and the metric of a monitor if it is a plain number. In a plan with a script, a name may be one that the script
 * gives while the load runs.
 *
 * @param rows the plan's operations and journeys
 * @param monitors the monitors of the plan, to check names
 * @throws {ThresholdError} for an unknown name, with the nearest known one
 */
export function select(criterion: Criterion, rows: readonly Selectable[], monitors: readonly string[] = []): Selection {
  if (isOfTheWholeRun(criterion.metric)) return { kind: 'run', indices: iterationIndices(rows) };
  const operations = rows.filter(({ isJourney }) => !isJourney);
  if (criterion.metric.kind === 'ratio') return ofRatio(criterion);
  if (criterion.journey !== undefined) return ofJourney(criterion, criterion.journey, rows);
  if (criterion.check !== undefined) return ofCheck(criterion, criterion.check, rows);
  const scripts = scriptsIn(criterion, rows);
  const scoped = inTag(criterion, inScenario(criterion, operations, scripts), scripts);
  const { subject } = criterion;
  const script = scripts.size === 0 ? undefined : { scenarios: scripts, name: subject?.name, tag: criterion.tag };
  if (subject === undefined) return operationsOf(scoped, script);
  const wanted = scoped.filter(({ name }) => name === subject.name);
  if (wanted.length > 0 || (script !== undefined && !DOTTED.test(subject.name))) {
    requireDuration(criterion);
    return operationsOf(wanted, script);
  }
  if (operations.some(({ name }) => name === subject.name)) {
    fail(criterion, subject, `"${subject.name}" is an operation, but the other selectors exclude it`);
  }
  return other(criterion, subject, operations, monitors);
}

function iterationIndices(rows: readonly Selectable[]): Set<number> {
  const withJourney = new Set(rows.filter(({ isJourney }) => isJourney).map(({ scenarioName }) => scenarioName));
  const counted = rows.filter(({ isJourney, scenarioName }) => isJourney || !withJourney.has(scenarioName));
  return new Set(counted.map(({ index }) => index));
}

/** The scenarios with a script that the criterion may mean. */
function scriptsIn({ scenario }: Criterion, rows: readonly Selectable[]): Map<number, string> {
  const scripts = rows.flatMap(({ scriptOf, scenarioName }): [number, string][] => {
    const isMeant = scenario === undefined || scenario.name === scenarioName;
    return scriptOf !== undefined && isMeant ? [[scriptOf, scenarioName]] : [];
  });
  return new Map(scripts);
}

function ofCheck(criterion: Criterion, check: Named, rows: readonly Selectable[]): Selection {
  const scripts = scriptsIn(criterion, rows);
  if (scripts.size === 0) fail(criterion, check, 'checks are made by scripts, and there is none');
  if (!CHECK_METRICS.has(criterion.metric.kind)) {
    const known = 'requests, fails, error_rate or availability';
    fail(criterion, check, `${criterion.metricName} is not measured on checks: write ${known}`);
  }
  const narrowed = criterion.tag ?? criterion.subject;
  if (narrowed !== undefined) fail(criterion, narrowed, 'a check has no operation and no tags: remove this selector');
  if (criterion.windowSeconds !== undefined)
    fail(criterion, check, 'checks are judged at the end: write it without "for"');
  return { kind: 'check', name: check.name, scenario: criterion.scenario?.name };
}

function ofRatio(criterion: Criterion): Selection {
  const { subject, journey, check, scenario, tag, time } = criterion;
  const example = 'name what a driver counts, such as vector_search.recall ratio >= 95%';
  if (subject === undefined)
    fail(criterion, journey ?? check ?? { position: 0 }, `ratio is of hits and attempts: ${example}`);
  const narrowed = journey ?? check ?? scenario ?? tag ?? (time.name === 'service_time' ? time : undefined);
  if (narrowed !== undefined) fail(criterion, narrowed, 'a ratio is of the whole load: remove this selector');
  if (!/[^.]\.[^.]/.test(subject.name))
    fail(criterion, subject, `"${subject.name}" has no dot, as ratios of drivers have: ${example}`);
  return { kind: 'ratio', name: subject.name };
}

function ofJourney(criterion: Criterion, journey: Named, rows: readonly Selectable[]): Selection {
  const journeys = rows.filter(({ isJourney }) => isJourney);
  const wanted = journeys.filter(({ name }) => name === journey.name);
  if (wanted.length > 0) {
    requireDuration(criterion);
    return operationsOf(wanted);
  }
  const known = journeys.map(({ name }) => name);
  const hint = known.length === 0 ? 'the plan has no flow and no script' : hintFor(journey.name, known);
  fail(criterion, journey, `there is no journey "${journey.name}"; ${hint}`);
}

function operationsOf(selected: readonly Selectable[], script?: ScriptSelector): Selection {
  return { kind: 'operations', indices: new Set(selected.map(({ index }) => index)), script };
}

function inScenario(
  criterion: Criterion,
  operations: readonly Selectable[],
  scripts: ReadonlyMap<number, string>,
): readonly Selectable[] {
  const { scenario } = criterion;
  if (scenario === undefined) return operations;
  const inside = operations.filter(({ scenarioName }) => scenarioName === scenario.name);
  if (inside.length > 0 || scripts.size > 0) return inside;
  const known = [...new Set(operations.map(({ scenarioName }) => scenarioName))];
  fail(criterion, scenario, `there is no scenario "${scenario.name}"; ${hintFor(scenario.name, known)}`);
}

function inTag(
  criterion: Criterion,
  operations: readonly Selectable[],
  scripts: ReadonlyMap<number, string>,
): readonly Selectable[] {
  const { tag } = criterion;
  if (tag === undefined) return operations;
  const tagged = operations.filter(({ tags }) => Object.hasOwn(tags, tag.name) && tags[tag.name] === tag.value);
  if (tagged.length > 0 || scripts.size > 0) return tagged;
  const known = [...new Set(operations.flatMap(({ tags }) => Object.entries(tags).map((pair) => pair.join('='))))];
  const wanted = `${tag.name}=${tag.value}`;
  fail(criterion, tag, `no operation has the tag ${wanted}; ${hintFor(wanted, known, String)}`);
}

function other(
  criterion: Criterion,
  subject: Named,
  operations: readonly Selectable[],
  monitors: readonly string[],
): Selection {
  const [prefix = ''] = subject.name.split('.', 1);
  const isDotted = subject.name.length > prefix.length + 1;
  const names = operations.map(({ name }) => name);
  if (!isDotted) {
    const scenarios = operations.map(({ scenarioName }) => scenarioName);
    const hint = scenarios.includes(subject.name)
      ? `for the scenario write scenario:${quoteName(subject.name)}`
      : hintFor(subject.name, names);
    fail(criterion, subject, `there is no operation "${subject.name}"; ${hint}`);
  }
  if (unitOf(criterion.metric) !== 'value') {
    const what = `${criterion.metricName} is measured on operations, and there is no operation "${subject.name}"`;
    fail(criterion, subject, `${what}; ${hintFor(subject.name, names)}`);
  }
  const narrowed = criterion.scenario ?? criterion.tag;
  if (narrowed !== undefined || criterion.time.name === 'service_time') {
    fail(criterion, narrowed ?? criterion.time, `"${subject.name}" is not an operation: remove the other selectors`);
  }
  const isMonitor = monitors.includes(prefix);
  if (criterion.limit.unit === 'us' && !isMonitor) return { kind: 'timing', name: subject.name };
  if (criterion.limit.unit === 'us') {
    const mend = 'its values have no unit: write a plain number';
    fail(criterion, criterion.limit, `"${prefix}" is a monitor, and ${mend}`);
  }
  return { kind: 'monitor', name: subject.name };
}

/** A plain number is for monitors; for an operation its unit is missing. */
function requireDuration(criterion: Criterion): void {
  if (criterion.limit.unit !== 'bare') return;
  const { metricName, limit } = criterion;
  fail(criterion, limit, `${metricName} of an operation is a duration: write it with us, ms, s or m, such as 200ms`);
}

/** @throws {ThresholdError} if the criterion names a monitor that the plan does not have */
export function checkMonitor(criterion: Criterion, selection: Selection, monitors: readonly string[]): void {
  if (selection.kind !== 'monitor' || criterion.subject === undefined) return;
  const [prefix = ''] = selection.name.split('.', 1);
  if (monitors.includes(prefix)) return;
  const hint = monitors.length === 0 ? 'the plan has no monitors' : hintFor(prefix, monitors);
  const asTiming = 'for the timing of a driver, write the limit with a unit, such as 50ms';
  fail(criterion, criterion.subject, `there is no operation and no monitor "${prefix}"; ${hint}; ${asTiming}`);
}

function hintFor(wanted: string, known: readonly string[], written: (name: string) => string = quoteName): string {
  const guess = nearest(wanted, known);
  if (guess !== undefined) return `did you mean ${written(guess)}?`;
  if (known.length === 0) return 'there are none';
  const shown = known.slice(0, 10).map(written).join(', ');
  return `known here: ${shown}${known.length > 10 ? `, and ${known.length - 10} more` : ''}`;
}

function fail(criterion: Criterion, { position }: { readonly position: number }, problem: string): never {
  throw new ThresholdError(criterion.text, position, problem);
}

/** The name as it must be written in a criterion: in quotes, unless it is read as this name without them. */
export function quoteName(name: string): string {
  const isBare =
    /^[^\s<>=!"'\\:]+$/.test(name) && metricNamed(name) === undefined && !/^(response|service)_time$/.test(name);
  return isBare ? name : `"${name.replaceAll(/["\\]/g, '\\$&')}"`;
}
