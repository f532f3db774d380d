import type { ResolvedPlan } from '../plan/resolve.ts';
import type { ResolvedOperation } from '../plan/resolved-operation.ts';
import { nearest } from '../text/nearest.ts';
import type { Criterion, Named } from './criterion.ts';
import { isOfTheWholeRun, metricNamed, unitOf } from './metric.ts';
import { ThresholdError } from './threshold-error.ts';

/** What a criterion's names stand for in a plan. */
export type Selection =
  | { readonly kind: 'operations'; readonly indices: ReadonlySet<number> }
  | { readonly kind: 'timing'; readonly name: string }
  | { readonly kind: 'monitor'; readonly name: string }
  /** With the rows by which iterations are counted: an arrival is one of these, or was dropped. */
  | { readonly kind: 'run'; readonly indices: ReadonlySet<number> };

/** A row that criteria can name. */
export type Selectable = Pick<ResolvedOperation, 'index' | 'name' | 'scenarioName' | 'tags'> & {
  readonly isJourney?: boolean;
};

/** The rows of a plan: its operations and, after them, its journeys. */
export function selectableRows({ plan, operations, journeys }: ResolvedPlan): Selectable[] {
  const scenarios = Object.keys(plan.scenarios);
  return [
    ...operations,
    ...journeys.map(({ index, scenario, name }) => {
      return { index, name, scenarioName: scenarios[scenario] as string, tags: {}, isJourney: true };
    }),
  ];
}

/**
 * Looks up the names of a criterion. Operations come first. Any other name is the timing of a driver if the limit is a duration,
 * and the metric of a monitor if it is a plain number.
 *
 * @param rows the plan's operations and journeys
 * @param monitors the monitors of the plan, to check names
 * @throws {ThresholdError} for an unknown name, with the nearest known one
 */
export function select(criterion: Criterion, rows: readonly Selectable[], monitors: readonly string[] = []): Selection {
  if (isOfTheWholeRun(criterion.metric)) return { kind: 'run', indices: iterationIndices(rows) };
  const operations = rows.filter(({ isJourney }) => !isJourney);
  if (criterion.journey !== undefined) return ofJourney(criterion, criterion.journey, rows);
  const scoped = inTag(criterion, inScenario(criterion, operations));
  const { subject } = criterion;
  if (subject === undefined) return operationsOf(scoped);
  const wanted = scoped.filter(({ name }) => name === subject.name);
  if (wanted.length > 0) {
    requireDuration(criterion);
    return operationsOf(wanted);
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

function ofJourney(criterion: Criterion, journey: Named, rows: readonly Selectable[]): Selection {
  const journeys = rows.filter(({ isJourney }) => isJourney);
  const wanted = journeys.filter(({ name }) => name === journey.name);
  if (wanted.length > 0) {
    requireDuration(criterion);
    return operationsOf(wanted);
  }
  const known = journeys.map(({ name }) => name);
  const hint = known.length === 0 ? 'the plan has no flow' : hintFor(journey.name, known);
  fail(criterion, journey, `there is no journey "${journey.name}"; ${hint}`);
}

function operationsOf(selected: readonly Selectable[]): Selection {
  return { kind: 'operations', indices: new Set(selected.map(({ index }) => index)) };
}

function inScenario(criterion: Criterion, operations: readonly Selectable[]): readonly Selectable[] {
  const { scenario } = criterion;
  if (scenario === undefined) return operations;
  const inside = operations.filter(({ scenarioName }) => scenarioName === scenario.name);
  if (inside.length > 0) return inside;
  const known = [...new Set(operations.map(({ scenarioName }) => scenarioName))];
  fail(criterion, scenario, `there is no scenario "${scenario.name}"; ${hintFor(scenario.name, known)}`);
}

function inTag(criterion: Criterion, operations: readonly Selectable[]): readonly Selectable[] {
  const { tag } = criterion;
  if (tag === undefined) return operations;
  const tagged = operations.filter(({ tags }) => Object.hasOwn(tags, tag.name) && tags[tag.name] === tag.value);
  if (tagged.length > 0) return tagged;
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
    fail(criterion, criterion.limit, `"${prefix}" is a monitor, and its values have no unit: write a plain number`);
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
