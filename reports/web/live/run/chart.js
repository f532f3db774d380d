// A chart of reports/web in the page: made once, then fed. All charts over time show the same stretch of it.

import { feedPlot, timeChart } from '../../charts.js';
import { heatMap } from '../../heat-map.js';
import { html, useEffect, useLayoutEffect, useRef, useState } from '../dom.js';
import { say } from '../words.js';

/** Whether somebody has zoomed in: then charts keep their stretch of time, `x`, while seconds come. */
const zoom = { isIn: false, x: undefined };

/** For whoever leaves a page: what comes next is shown whole. */
export function resetZoom() {
  zoom.isIn = false;
  zoom.x = undefined;
}

/**
 * @param chart as reports/html/chart.ts has it: a time chart, or { heat, marks }
 * @param range [first, last] second that all charts over time show
 * @param theme changes when the colours do
 */
export function Chart({ id, title, chart, range, theme }) {
  const container = useRef();
  const drawn = useRef();
  const isShown = useShown(container);
  const shape = shapeOf(chart, theme);
  useLayoutEffect(() => {
    if (!isShown) return;
    if (drawn.current?.shape === shape && drawn.current.heat === chart.heat) feed(drawn.current, chart, range);
    else {
      drawn.current?.destroy();
      container.current.replaceChildren();
      drawn.current = draw(container.current, chart, shape);
      if (zoom.x !== undefined) drawn.current.plot.setScale('x', zoom.x);
      watchZoom(container.current, drawn.current.plot);
    }
  });
  useEffect(() => () => drawn.current?.destroy(), []);
  return html`<figure data-chart=${id}>
    <figcaption>${title}</figcaption>
    <div class="plot" tabindex="0" role="group" aria-label=${title} ref=${container}></div>
  </figure>`;
}

/** Charts outside the window are not drawn: a page may have many. */
function useShown(container) {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const seen = new IntersectionObserver((entries) => setShown(entries.at(-1).isIntersecting), {
      rootMargin: '200px',
    });
    seen.observe(container.current);
    const printing = () => setShown(true);
    addEventListener('beforeprint', printing);
    return () => {
      seen.disconnect();
      removeEventListener('beforeprint', printing);
    };
  }, []);
  return isShown;
}

/** What a chart is made with; the rest can be fed. A heat map is made anew when it has another column. */
function shapeOf({ series, log, limits, heat }, theme) {
  if (heat !== undefined) return `heat ${theme}`;
  return JSON.stringify([theme, series.map(({ label }) => label), log, limits]);
}

function draw(container, chart, shape) {
  const words = chartWords();
  if (chart.heat !== undefined) return { ...heatMap(container, { ...chart, words }), shape, heat: chart.heat };
  const marks = { ...chart.marks };
  return { ...timeChart(container, { ...chart, marks, words }), marks, shape };
}

function chartWords() {
  return {
    time: say('chart.seconds'),
    requests: say('word.requests'),
    fewer: say('chart.fewer'),
    more: say('chart.more'),
  };
}

function feed({ plot, marks }, { seconds, series, marks: now }, [first, last]) {
  const x = zoom.x ?? { min: first, max: Math.max(first + 1, last) };
  if (series !== undefined) Object.assign(marks, now);
  feedPlot(plot, () => {
    if (series !== undefined) plot.setData([seconds, ...series.map(({ values }) => values)], false);
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
