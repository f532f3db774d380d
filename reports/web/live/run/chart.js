// A chart of reports/web in the page: made once, then fed. All charts over time show the same stretch of it.

import { feedPlot, timeChart } from '../../charts.js';
import { heatMap } from '../../heat-map.js';
import { html, useEffect, useLayoutEffect, useRef } from '../dom.js';
import { useShown } from '../in-sight.js';
import { say } from '../words.js';

/** Whether somebody has zoomed in: then charts keep their stretch of time, `x`, while seconds come. */
const zoom = { isIn: false, x: undefined };

/** For whoever leaves a page: what comes next is shown whole. */
export function resetZoom() {
  zoom.isIn = false;
  zoom.x = undefined;
}

/**
 * @param chart as reports/html/chart.ts has it: a time chart, or { heat, marks, isRunning }, `heat` a function that gives it: another one where it
 *   has changed
 * @param range [first, last] second that all charts over time show
 * @param theme changes when the colours do
 */
export function Chart({ id, title, chart, range, theme }) {
  const container = useRef();
  const drawn = useRef();
  // Charts outside the window are not drawn: a page may have many. One that is nearly in it is made, and fed when it is seen.
  const isNear = useShown(container);
  const isSeen = useShown(container, '0px');
  const shape = shapeOf(chart, theme);
  useLayoutEffect(() => {
    if (!isNear) return;
    if (drawn.current?.shape === shape) {
      if (isSeen && hasMoved(drawn.current, chart, range)) feed(drawn.current, chart, range);
    } else {
      drawn.current?.destroy();
      container.current.replaceChildren();
      drawn.current = draw(container.current, chart, shape);
      // At once: the stretch that it would choose itself would be told to all others.
      feed(drawn.current, chart, range);
      watchZoom(container.current, drawn.current.plot);
    }
  });
  useEffect(() => () => drawn.current?.destroy(), []);
  return html`<figure data-chart=${id}>
    <figcaption>${title}</figcaption>
    <div class="plot" tabindex="0" role="group" aria-label=${title} ref=${container}></div>
  </figure>`;
}

/** What a chart is made with; the rest can be fed. */
function shapeOf({ series, log, limits, heat }, theme) {
  if (heat !== undefined) return `heat ${theme}`;
  return JSON.stringify([theme, series.map(({ label }) => label), log, limits]);
}

let turns = 0;

function draw(container, chart, shape) {
  const words = chartWords();
  const turn = turns++;
  const marks = { ...chart.marks };
  const make = chart.heat === undefined ? timeChart : heatMap;
  const { heat } = chart;
  return {
    ...make(container, { ...chart, heat: heat?.(), marks, words }),
    marks,
    shape,
    turn,
    seenHeat: heat,
    fed: { heat },
  };
}

function chartWords() {
  return {
    time: say('chart.seconds'),
    requests: say('word.requests'),
    fewer: say('chart.fewer'),
    more: say('chart.more'),
  };
}

/** However long a run is, what happens is on its charts this soon. */
const MAX_WAIT_S = 5;

/** Whether what has come since the chart was fed is wider than a pixel of it. Charts take turns, so that a second draws few of them. */
function hasMoved(drawn, { seconds, heat, marks, isRunning }, [first, last]) {
  const { plot, turn, fed, newest, seenHeat } = drawn;
  Object.assign(drawn, { newest: last, seenHeat: heat });
  if (fed.seconds !== seconds || fed.events !== marks.events.length) return true;
  const pixelS = Math.min(MAX_WAIT_S, Math.floor((last - first) / plot.width));
  // With a new column come the percentiles of all operations: their table has this second, unless none will follow.
  if (pixelS >= 2 && isRunning && heat !== seenHeat) return false;
  if (last <= fed.last || last === newest) return fed.heat !== heat;
  if (pixelS >= 2 && heat !== undefined && fed.heat === heat) return false;
  return pixelS < 2 || zoom.isIn || last >= fed.last + pixelS || (last + turn) % pixelS === 0;
}

function feed(drawn, { seconds, series, heat, marks }, [first, last]) {
  const { plot, fed } = drawn;
  drawn.fed = { seconds, heat, events: marks.events.length, last };
  const x = zoom.x ?? { min: first, max: Math.max(first + 1, last) };
  Object.assign(drawn.marks, marks);
  feedPlot(plot, () => {
    if (heat === undefined) plot.setData([seconds, ...series.map(({ values }) => values)], false);
    else if (fed.heat !== heat) drawn.show(heat());
    plot.setScale('x', x);
  });
}

/** Zooming is what a person does, never what a new second does. */
function watchZoom(container, plot) {
  plot.hooks.setSelect = [
    ...(plot.hooks.setSelect ?? []),
    ({ select }) => {
      if (select.width > 0) zoom.isIn = true;
    },
  ];
  plot.hooks.setScale.push(({ scales }, key) => {
    if (key === 'x' && zoom.isIn) zoom.x = { min: scales.x.min, max: scales.x.max };
  });
  if (container.dataset.watched) return;
  container.dataset.watched = 'yes';
  // Before the chart itself hears of it, whose scale then changes.
  container.addEventListener('dblclick', resetZoom, true);
  container.addEventListener(
    'keydown',
    ({ key }) => {
      if (key === '+') zoom.isIn = true;
      if (key === 'Escape') resetZoom();
    },
    true,
  );
}
