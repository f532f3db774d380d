// The charts of a run, from its columns: the same lines, colours and limits as in the HTML report.

import { html, useMemo } from '../dom.js';
import { heatOf } from '../model/heat.js';
import { plannedLine } from '../model/planned-load.js';
import { say, spoken } from '../words.js';
import { Chart } from './chart.js';

/** As in reports/html/run-charts.ts. */
const FAILURE_COLOUR = 1;
const OFFERED_COLOUR = 6;
const LOG_RATIO = 20;
/** A limit further away than this would press the curves flat; it stands among the thresholds all the same. */
const FURTHEST = 2;
const MAX_MONITORS = 48;

export function marksOf({ hello, events }) {
  const happened = events.map((event) => ({ second: Math.max(0, event.atUs / 1e6), text: spoken(event) }));
  return { warmupS: (hello?.warmupUs ?? 0) / 1e6, events: happened, levels: [] };
}

/** What is looked at first. */
export function GlanceCharts({ run, range, theme }) {
  const marks = marksOf(run);
  return html`<div class="charts">
      <${Chart} id="throughput" title=${say('chart.throughput')} chart=${throughput(run, marks)} range=${range} theme=${theme} />
      <${Chart} id="responseTime" title=${say('chart.responseTime')} chart=${responseTime(run, marks)} range=${range} theme=${theme} />
    </div>
    <p class="note legend">
      <span class="hint">${say('chart.reset')}</span>
      ${['warmup', 'event', 'limit'].map((mark) => html` <span class="mark-${mark}">${say(`chart.marks.${mark}`)}</span>`)}
    </p>`;
}

export function MoreCharts({ run, range, theme }) {
  const marks = marksOf(run);
  const isRunning = run.state === 'running';
  const hasHeat = run.heat.some(({ cells }) => cells.length > 0);
  const heat = useMemo(() => () => heatOf(run.heat), [run.heat]);
  return html`<div class="charts">
    <${Chart} id="users" title=${say('chart.users')} chart=${users(run, marks)} range=${range} theme=${theme} />
    ${hasHeat && html`<${Chart} id="heatmap" title=${say('chart.heatmap')} chart=${{ heat, marks, isRunning }} range=${range} theme=${theme} />`}
    <${Chart} id="generator" title=${say('chart.generator')} chart=${generator(run, marks)} range=${range} theme=${theme} />
  </div>`;
}

export function MonitorCharts({ run, range, theme }) {
  const marks = marksOf(run);
  const { seconds, monitors } = run.columns;
  return html`<div class="charts">
    ${[...monitors].slice(0, MAX_MONITORS).map(([name, values]) => {
      const chart = { seconds, series: [{ label: name, values }], marks };
      return html`<${Chart} key=${name} id="monitor-${name}" title=${name} chart=${chart} range=${range} theme=${theme} />`;
    })}
  </div>`;
}

function throughput(run, marks) {
  const { columns, hello, percentiles } = run;
  const { seconds, rps, fps, dropped } = columns;
  return {
    seconds,
    marks,
    series: [
      { label: say('chart.requests'), values: rps },
      { label: say('chart.failures'), values: fps, colour: FAILURE_COLOUR },
      ...(dropped.some((count) => count > 0) ? [{ label: say('chart.dropped'), values: dropped }] : []),
      ...plannedSeries(say('chart.offered'), run, 'rate'),
    ],
    limits: limitsOf(percentiles ?? hello, 'throughput', 1),
  };
}

function responseTime({ columns, hello, percentiles }, marks) {
  const { seconds, p50Ms, p95Ms, p99Ms, maxMs, leastMs, mostMs } = columns;
  return {
    seconds,
    marks,
    series: [
      { label: say('column.median'), values: p50Ms },
      { label: say('column.p95'), values: p95Ms },
      { label: say('column.p99'), values: p99Ms },
      { label: say('column.max'), values: maxMs },
    ],
    log: mostMs > LOG_RATIO * leastMs,
    limits: limitsOf(percentiles ?? hello, 'responseTime', 1e3).filter(({ value }) => value <= FURTHEST * mostMs),
  };
}

/** What the plan asks for of what counts `of`, if anything. Its values are made when the chart is drawn: that is not each second. */
function plannedSeries(label, { columns, hello, loadChanges }, of) {
  const scenarios = hello?.scenarios.filter((scenario) => scenario.of === of) ?? [];
  if (scenarios.length === 0) return [];
  const line = {
    label,
    colour: OFFERED_COLOUR,
    dashed: true,
    get values() {
      return plannedLine(scenarios, loadChanges, of, columns.seconds);
    },
  };
  return [line];
}

/** Limits of the plan's thresholds as lines. @param judged what knows the limits: of a run that has ended, `hello` @param divisor from the unit of the threshold to that of the chart */
function limitsOf(judged, chart, divisor) {
  return (judged?.thresholds ?? [])
    .filter((one) => one.chart === chart)
    .map(({ criterion, limit }) => ({ value: limit / divisor, label: criterion }));
}

function users(run, marks) {
  const { seconds, vus } = run.columns;
  return {
    seconds,
    marks,
    series: [{ label: say('column.users'), values: vus }, ...plannedSeries(say('live.planned'), run, 'vus')],
  };
}

function generator({ columns }, marks) {
  const { seconds, cpu, lagMs } = columns;
  return {
    seconds,
    marks,
    series: [
      { label: say('chart.cpu'), values: cpu },
      { label: say('chart.lag'), values: lagMs, right: true },
    ],
  };
}
