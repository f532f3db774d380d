// Locust's table, from what the stream says: a row for each operation, all together at the foot.

import { clockTime } from '../../charts.js';
import { count, exactMs, lazyRow, left, ms, number, rate, right, share, text } from '../cells.js';
import { DataTable } from '../data-table.js';
import { html, useState } from '../dom.js';
import { currentRate } from '../model/columns.js';
import { sinceView } from '../model/view-since.js';
import { say, spoken } from '../words.js';

const HIDDEN = ['p90', 'p999'];

/** @param operation index of the one whose charts are shown, if any */
export function Statistics({ run, operation, onPick }) {
  const [chosen, setTime] = useState('response');
  const { hello, view } = run;
  // For a part of the run, only response times are known, and no passes.
  const time = view === undefined ? chosen : 'response';
  if (hello === undefined) return null;
  const scenarios = new Set(hello.operations.map(({ scenario }) => scenario));
  const columns = columnsOf(scenarios.size > 1);
  const table = {
    picked: operation,
    pick: (i) => onPick(i === operation ? undefined : i),
    cells: (i) => {
      const { scenario, type, name } = hello.operations[i];
      return [...(scenarios.size > 1 ? [text(scenario)] : []), text(type), text(name), ...figures(run, time, i)];
    },
  };
  const rows = hello.operations.map((_, i) => lazyRow(i, table));
  const total = [
    ...(scenarios.size > 1 ? [text('')] : []),
    text(''),
    text(say('word.aggregated')),
    ...figures(run, time),
  ];
  return html`
    <p class="note">${windowsOf(run)}</p>
    <${DataTable} id="statistics" title=${say('live.statistics')} columns=${columns} rows=${rows} total=${total} hidden=${HIDDEN} hasTools=${true}>
      ${view === undefined && html`<${TimeSwitch} time=${time} setTime=${setTime} />`}
    <//>
    ${view === undefined && hello.journeys.length > 0 && html`<${Journeys} run=${run} time=${time} />`}
  `;
}

function columnsOf(withScenario) {
  return [
    ...(withScenario ? [left('scenario', say('column.scenario'))] : []),
    left('type', say('column.type')),
    { ...left('name', say('column.name')), isPick: true },
    right('requests', say('column.requests')),
    right('fails', say('column.fails')),
    ...durationColumns(),
    right('size', say('column.size')),
    right('rps', say('column.rps')),
    right('fps', say('column.failsPerSecond')),
  ];
}

function durationColumns() {
  return [
    right('median', say('column.median')),
    right('p90', say('live.p90')),
    right('p95', say('column.p95')),
    right('p99', say('column.p99')),
    right('p999', say('column.p999')),
    right('average', say('column.average')),
    right('min', say('column.min')),
    right('max', say('column.max')),
  ];
}

/** @param i index of an operation; undefined for all */
function figures({ second, percentiles, current, view, viewAll }, time, i) {
  const rows = percentiles && (i === undefined ? percentiles.all[time] : percentiles.ops[time]);
  const of = (name) => (i === undefined ? rows?.[name] : rows?.[name]?.[i]);
  const now = countsOf(second, i);
  const since = view && second ? sinceView(view, second, i) : undefined;
  const requests = since?.requests ?? now.requests;
  const errors = since?.errors ?? now.errors;
  const perSecond = (key) => currentRate(current, key, i);
  const some = requests > 0;
  // Percentiles of all requests since a moment can be asked for; those of single operations cannot.
  const quantile = (name) => (!some ? null : view === undefined ? of(name) : i === undefined ? viewAll?.[name] : null);
  return [
    count(requests),
    count(errors, errors > 0 ? 'bad' : undefined),
    ms(quantile('p50Us')),
    ms(quantile('p90Us')),
    ms(quantile('p95Us')),
    ms(quantile('p99Us')),
    ms(quantile('p999Us')),
    exactMs(some ? (since ? since.avgUs : of('avgUs')) : null),
    exactMs(some && since === undefined ? of('minUs') : null),
    exactMs(some ? (since ? since.maxUs : of('maxUs')) : null),
    number(some && since === undefined ? meanBytes(percentiles, second, i) : null),
    rate(perSecond('rps')),
    rate(perSecond('fps'), perSecond('fps') > 0 ? 'bad' : undefined),
  ];
}

function countsOf(second, i) {
  if (second === undefined) return { requests: 0, errors: 0 };
  if (i === undefined) return second.all;
  return { requests: second.ops.requests[i] ?? 0, errors: second.ops.errors[i] ?? 0 };
}

function meanBytes(percentiles, second, i) {
  if (percentiles === undefined) return null;
  if (i !== undefined) return percentiles.ops.avgBytes[i] ?? null;
  const sum = percentiles.ops.avgBytes.reduce((total, size, i) => total + size * (second.ops.requests[i] ?? 0), 0);
  return Math.round((100 * sum) / second.all.requests) / 100;
}

/** Every figure names the time that it covers. */
function windowsOf({ percentiles, second, view, state }) {
  if (second === undefined) return say('live.beforeLoad');
  if (view !== undefined)
    return say('live.windowView', { from: clockTime(view.fromSecond + 1), to: clockTime(second.second + 1) });
  const warmup = second.phase === 'warmup' && state === 'running' ? ` ${say('live.windowWarmup')}` : '';
  return `${say('live.window', {
    percentiles: percentiles === undefined ? '–' : clockTime(percentiles.second + 1),
    counts: clockTime(second.second + 1),
  })}${warmup}`;
}

function TimeSwitch({ time, setTime }) {
  return html`<fieldset class="switch">
    <legend class="hidden">${say('live.whichTime')}</legend>
    ${['response', 'service'].map(
      (one) =>
        html`<label><input type="radio" name="time" checked=${time === one} onChange=${() => setTime(one)} /> ${say(`chart.${one}`)}</label>`,
    )}
  </fieldset>`;
}

/** Passes through flows and scripts; never in the sum of requests. */
function Journeys({ run, time }) {
  const { hello, second, percentiles, current } = run;
  const rows = hello.journeys.map(({ scenario, name }, i) => {
    const of = (key) => percentiles?.journeys[time][key][i] ?? null;
    const passes = second?.journeys.requests[i] ?? 0;
    const fails = second?.journeys.errors[i] ?? 0;
    const known = (value) => (passes === 0 ? null : value);
    return {
      key: i,
      cells: [
        text(scenario),
        text(name),
        count(passes),
        count(fails, fails > 0 ? 'bad' : undefined),
        ...['p50Us', 'p90Us', 'p95Us', 'p99Us', 'p999Us'].map((key) => ms(known(of(key)))),
        ...['avgUs', 'minUs', 'maxUs'].map((key) => exactMs(known(of(key)))),
        rate(currentRate(current, 'passes', i)),
      ],
    };
  });
  const columns = [
    left('scenario', say('column.scenario')),
    left('name', say('column.name')),
    right('passes', say('column.passes')),
    right('fails', say('column.fails')),
    ...durationColumns(),
    right('rate', say('live.passesPerSecond')),
  ];
  return html`<h3>${say('section.journeys')}</h3>
    <${DataTable} id="journeys" title=${say('section.journeys')} columns=${columns} rows=${rows} hidden=${HIDDEN} />`;
}

/** What drivers count, such as recall, as reports/view/driver-figures.ts shows it at the end. */
export function Ratios({ ratios }) {
  const isVoid = ratios.some(({ voidReason }) => voidReason !== '');
  const columns = [
    left('name', say('column.name')),
    right('hits', say('column.hits')),
    right('attempts', say('column.attempts')),
    right('ratio', say('column.ratio')),
    ...(isVoid ? [left('void', say('column.void'))] : []),
  ];
  const rows = ratios.map((ratio) => ({
    key: ratio.name,
    cells: [
      text(ratio.name),
      count(ratio.hits),
      count(ratio.of),
      share(ratioOf(ratio)),
      ...(isVoid ? [text(whyVoid(ratio), 'warn')] : []),
    ],
  }));
  return html`<p class="note">${say('section.ratios.note')}</p>
    <${DataTable} id="ratios" title=${say('section.ratios')} columns=${columns} rows=${rows} />`;
}

export function whyVoid({ voidReason, voidReasonTexts }) {
  return spoken({ text: voidReason, texts: voidReasonTexts });
}

/** A share; null where a ratio says nothing. */
export function ratioOf({ hits, of, voidReason }) {
  return of > 0 && voidReason === '' ? hits / of : null;
}
