import type { FlowPause, ParsedFlow, ParsedStep } from '../../plan/flow.ts';
import { hasJourney, highestLevel, takesArrivals } from '../../plan/load/load-model.ts';
import { loadProfile } from '../../plan/load/profile.ts';
import { plannedDurationUs, scenarioTime } from '../../plan/load/split.ts';
import { shown } from '../../plan/messages.ts';
import type { FilledParam } from '../../plan/params/fill.ts';
import { meanPauseUs, shortPassUs } from '../../plan/pass-pauses.ts';
import type { ParsedPlan, ParsedScenario } from '../../plan/schema.ts';
import { formatDuration } from '../../text/duration.ts';
import { printable } from '../../text/printable.ts';
import { judgedCriteria, type SearchedScenario, searchedScenario } from '../../verdict/capacity/level-criteria.ts';
import { formatCount, formatNumber, formatShare } from '../../verdict/quantity.ts';
import { planThresholds } from '../../verdict/thresholds.ts';
import type { Paint } from '../output.ts';
import { type Column, renderTable } from './table.ts';

const INDENT = '  ';
const PARAM_COLUMNS: readonly Column[] = [
  { title: 'Name', align: 'left', spare: 0 },
  { title: 'Value', align: 'left', spare: 0 },
  { title: 'From', align: 'left', spare: 0 },
  { title: 'Description', align: 'left', spare: 1 },
];

/** The parameters of a plan and what they stand for; nothing where it has none. */
export function paramOutline(params: readonly FilledParam[], columns: number, paint: Paint): string[] {
  if (params.length === 0) return [];
  const rows = params.map(({ name, value, text, origin, description = '' }) => {
    return { cells: [name, typeof value === 'string' ? shown(text) : text, origin, description] };
  });
  const table = renderTable([...PARAM_COLUMNS], rows, columns - INDENT.length, paint).map((line) => INDENT + line);
  return [paint('bold', 'Parameters'), ...table, ''];
}

/** What a plan would do: each scenario's load over time, the requests per second to expect, and what is judged. */
export function loadOutline(plan: ParsedPlan, columns: number, paint: Paint): string[] {
  const lines: string[] = [];
  for (const [name, scenario] of Object.entries(plan.scenarios)) {
    lines.push(paint('bold', `Scenario ${printable(name)}: ${scenario.executor}`));
    lines.push(...levels(plan, scenario, columns, paint), ...operations(scenario).map(printable), '');
  }
  const judged = planThresholds(plan, false).map(({ criterion, isDefault }) => {
    return isDefault ? `${criterion.text} (default)` : criterion.text;
  });
  lines.push(`Time: ${formatDuration(plannedDurationUs(plan))} at the most, and the graceful stop.`);
  lines.push(printable(`Target: ${plan.target ?? 'none'}`));
  lines.push(printable(`Criteria: ${judged.length === 0 ? 'none' : judged.join('; ')}`));
  return lines;
}

/** The level at each time where it begins to change. */
function levels(plan: ParsedPlan, scenario: ParsedScenario, columns: number, paint: Paint): string[] {
  const { startUs, warmupUs } = scenarioTime(plan, scenario);
  if (scenario.executor === 'shape')
    return [`${INDENT}The module ${printable(scenario.shape)} says the load while it runs.`];
  const searched = searchedScenario(plan);
  if (searched?.scenario === scenario) return search(plan, searched);
  if ('iterations' in scenario) return iterations(scenario);
  const titles: Column[] = [
    { title: 'From', align: 'right', spare: 0 },
    { title: 'To', align: 'right', spare: 0 },
    { title: takesArrivals(scenario) ? 'Arrivals/s' : 'Virtual users', align: 'right', spare: 0 },
    { title: hasJourney(scenario) ? 'Passes/s' : 'Requests/s', align: 'left', spare: 0 },
  ];
  let atUs = startUs;
  const rows = loadProfile(scenario, warmupUs).segments.map(({ durationUs, from, to }) => {
    const fromUs = atUs;
    atUs += durationUs;
    const level = from === to ? formatNumber(from) : `${formatNumber(from)} → ${formatNumber(to)}`;
    const isWarmup = fromUs - startUs < warmupUs && atUs - startUs <= warmupUs;
    const work = `${expected(scenario, Math.max(from, to))}${isWarmup ? ' (warm-up)' : ''}`;
    return { cells: [formatDuration(fromUs), formatDuration(atUs), level, work] };
  });
  return renderTable(titles, rows, columns - INDENT.length, paint).map((line) => INDENT + line);
}

function search(plan: ParsedPlan, searched: SearchedScenario): string[] {
  const { scenario } = searched;
  const { of, from } = scenario;
  const shown = (level: number) => (of === 'vus' ? `${formatCount(level)} virtual users` : `${formatNumber(level)}/s`);
  const criteria = judgedCriteria(plan, searched).map(({ text }) => text);
  return [
    `${INDENT}Searches the highest load, from ${shown(from)} to at most ${shown(highestLevel(scenario))}, at which holds:`,
    `${INDENT}${printable(criteria.join('; '))}`,
  ];
}

function iterations(scenario: Extract<ParsedScenario, { iterations: number }>): string[] {
  const what = hasJourney(scenario) ? 'passes' : 'operations';
  const each = scenario.executor === 'per-vu-iterations' ? ' each' : ' together';
  const latestUs = loadProfile(scenario, 0).durationUs;
  return [
    `${INDENT}${formatCount(scenario.vus)} virtual users do ${formatCount(scenario.iterations)} ${what}${each}, within ${formatDuration(latestUs)}.`,
  ];
}

/** Requests or passes per second at a level: what arrives, or the most that think times and pauses leave. */
function expected(scenario: ParsedScenario, level: number): string {
  if (takesArrivals(scenario)) return formatNumber(level);
  const pauseUs = meanIntervalUs(scenario);
  if (pauseUs > 0) return `${formatNumber(level / (pauseUs / 1e6))} at the most, less the slower the answers are`;
  return scenario.user === undefined
    ? 'as many as the target answers'
    : 'as many as the target answers, less where the script pauses';
}

/** Between the beginnings of two requests, or of two passes, while answers take no time. */
function meanIntervalUs(scenario: ParsedScenario): number {
  const thinkTime = 'thinkTime' in scenario ? scenario.thinkTime : undefined;
  const inFlowUs = shortPassUs(scenario.flow ?? []);
  if (thinkTime === undefined) return inFlowUs;
  if (typeof thinkTime === 'object' && 'pacing' in thinkTime) return Math.max(thinkTime.pacing, inFlowUs);
  return meanPauseUs(thinkTime) + inFlowUs;
}

function operations({ operations: all, onStart, flow, user, onStop }: ParsedScenario): string[] {
  const total = all.reduce((sum, { weight }) => sum + weight, 0);
  const drawn = all.map(({ name, operation, driver, weight }) => {
    return `${INDENT}${formatShare(weight / total)} ${name ?? operation ?? driver} (driver ${driver})`;
  });
  const script = user === undefined ? [] : [`${INDENT}Each pass: the script ${user}`];
  return [
    ...drawn,
    ...script,
    ...steps('At the start', onStart),
    ...steps('Each pass', flow),
    ...steps('At the end', onStop),
  ];
}

function steps(title: string, flow: ParsedFlow | undefined): string[] {
  return flow === undefined ? [] : [`${INDENT}${title}: ${flow.map(inWords).join(', ')}`];
}

function inWords(step: ParsedStep): string {
  switch (step.kind) {
    case 'operation':
      return step.name ?? step.operation ?? step.driver;
    case 'pause':
      return pauseInWords(step.pause);
    case 'choose':
      return `one of (${step.branches.map(({ flow }) => flow.map(inWords).join(', ')).join(' | ')})`;
    case 'repeat':
      return `${step.until === undefined ? '' : 'up to '}${step.times} × (${step.flow.map(inWords).join(', ')})`;
  }
}

function pauseInWords(pause: FlowPause): string {
  if (typeof pause === 'number') return `pause of ${formatDuration(pause)}`;
  if ('exponential' in pause) return `pause of ${formatDuration(pause.exponential)} on average`;
  const [least, most] = pause.uniform;
  return `pause of ${formatDuration(least)} to ${formatDuration(most)}`;
}
