// What stands on the page of a run, in its order: the contents above and the sections below are made from the same list.

import { html } from '../dom.js';
import { Kept } from '../in-sight.js';
import { formatCount } from '../numbers.js';
import { Section } from '../section.js';
import { say } from '../words.js';
import { Agents } from './agents.js';
import { Downloads } from './downloads.js';
import { Events } from './events.js';
import { Failures } from './failures.js';
import { Thresholds } from './judgement.js';
import { OperationCharts } from './operation-charts.js';
import { GlanceCharts, MonitorCharts, MoreCharts } from './run-charts.js';
import { Ratios, Statistics } from './statistics.js';
import { conclusionPart, isFirst, viewPart } from './view-sections.js';

/**
 * @param view what the reports show of a run that has ended; undefined before
 * @param charts what all charts over time take
 * @param operation index of the one whose charts are shown, if any; `choose` takes another, or undefined for none
 * @returns [{ id, title, isKey, by, draw, hasWords }]: a phone begins with those that are key; `by` is what `draw` shows
 */
export function partsOf({ run, view, charts, operation, choose }) {
  const { hello, percentiles, columns } = run;
  const figures = [hello, run.second, percentiles, run.fills, run.state, run.view, run.viewAll, charts.theme, view];
  const part = (id, title, isKey, by, draw) => ({ id, title, isKey, by, draw });
  const chartPart = (id, title, isKey, draw) => ({ ...part(id, title, isKey, figures, draw), hasWords: false });
  const hasSeconds = columns.seconds.length > 0;
  const ratios = percentiles?.ratios ?? [];
  const closeOperation = () => choose(undefined);
  const operationCharts = () =>
    operation !== undefined &&
    hello &&
    html`<${OperationCharts} ...${charts} operation=${operation} onClose=${closeOperation} />`;
  const monitorCharts = () => columns.monitors.size > 0 && html`<${MonitorCharts} ...${charts} />`;
  const ofView = (section) => {
    if (section.id === 'results') {
      const pick = picksOf(operation, choose);
      return viewPart(section, { by: [...figures, operation], pick, below: operationCharts });
    }
    return viewPart(section, section.id === 'monitors' ? { by: figures, above: monitorCharts } : { by: [view] });
  };
  const live = {
    first: () => [
      part(
        'thresholds',
        say('section.thresholds'),
        true,
        [hello, percentiles],
        () => html`<${Thresholds} run=${run} />`,
      ),
      part('results', say('live.statistics'), true, [...figures, operation], () => [
        html`<${Statistics} run=${run} operation=${operation} onPick=${choose} />`,
        operationCharts(),
      ]),
      ...(ratios.length > 0
        ? [part('ratios', say('section.ratios'), true, [percentiles], () => html`<${Ratios} ratios=${ratios} />`)]
        : []),
    ],
    rest: () => [
      ...(columns.monitors.size > 0 ? [chartPart('monitors', say('section.monitors'), false, monitorCharts)] : []),
      part('errors', say('section.errors'), true, [hello, percentiles], () => html`<${Failures} run=${run} />`),
      // Before the load, agents are counted in the header: nothing else is known of them.
      ...(run.agents.size > 0
        ? [part('agents', agentsTitle(run), false, [run.agentChanges], () => html`<${Agents} run=${run} />`)]
        : []),
      part(
        'events',
        say('section.events'),
        false,
        [run.events, run.events.length],
        () => html`<${Events} run=${run} />`,
      ),
    ],
  };
  const reported = view && {
    first: () => [conclusionPart(view), ...view.sections.filter(isFirst).map(ofView)],
    rest: () => view.sections.filter((section) => !isFirst(section)).map(ofView),
  };
  const { first, rest } = reported ?? live;
  return [
    ...(hasSeconds
      ? [chartPart('main-charts', say('section.main-charts'), true, () => html`<${GlanceCharts} ...${charts} />`)]
      : []),
    ...first(),
    ...(hasSeconds
      ? [chartPart('more-charts', say('section.more-charts'), false, () => html`<${MoreCharts} ...${charts} />`)]
      : []),
    ...rest(),
    part(
      'downloads',
      say('live.downloads'),
      true,
      [run.result, run.state, run.second === undefined],
      () => html`<${Downloads} run=${run} />`,
    ),
  ];
}

function agentsTitle({ agents }) {
  return `${say('section.agents')} (${formatCount(agents.size)})`;
}

/** The rows of the results are the operations, in their order. */
function picksOf(operation, choose) {
  return {
    column: say('column.name'),
    isPicked: (i) => i === operation,
    choose: (i) => choose(i === operation ? undefined : i),
  };
}

export function Contents({ parts }) {
  return html`<nav aria-label=${say('section.contents')} class="contents">
    ${parts.map(({ id, title }) => html`<a key=${id} href="#${id}">${title}</a> `)}
  </nav>`;
}

export function Parts({ parts }) {
  return parts.map(
    ({ id, title, isKey, by, draw, hasWords }) =>
      html`<${Section} key=${id} id=${id} title=${title} isKey=${isKey}><${Kept} by=${by} draw=${draw} hasWords=${hasWords} /><//>`,
  );
}
