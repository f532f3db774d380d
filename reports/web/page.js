// The HTML report: puts the charts into the figures that the page has for them, and makes its tables sort.

import { timeChart } from './charts.js';
import { distributionChart } from './distribution.js';
import { heatMap } from './heat-map.js';
import { makeSortable } from './tables.js';

const data = JSON.parse(document.getElementById('bench-data').textContent);
const drawn = new Map();

function draw(figure) {
  const container = figure.querySelector('.plot');
  const chart = data.charts[figure.dataset.chart];
  const { marks, words } = data;
  drawn.get(figure)?.destroy();
  container.replaceChildren();
  if (chart.heat !== undefined) drawn.set(figure, heatMap(container, { ...chart, marks, words }));
  else if (chart.distributions === undefined) {
    drawn.set(figure, timeChart(container, { ...chart, seconds: chart.seconds ?? data.seconds, marks, words }));
  } else {
    const chosen = figure.querySelector('select')?.value ?? 0;
    drawn.set(figure, distributionChart(container, { distribution: chart.distributions[chosen].lines, words }));
  }
}

const figures = [...document.querySelectorAll('figure[data-chart]')];
const drawAll = () => figures.forEach(draw);
drawAll();
for (const figure of figures) figure.querySelector('select')?.addEventListener('change', () => draw(figure));
for (const table of document.querySelectorAll('table.sortable')) makeSortable(table);

// Canvases keep the colours that they were drawn with.
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
matchMedia('print').addEventListener('change', drawAll);
document.getElementById('theme').addEventListener('click', () => {
  const root = document.documentElement;
  const isDark = root.dataset.theme
    ? root.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = isDark ? 'light' : 'dark';
  drawAll();
});
