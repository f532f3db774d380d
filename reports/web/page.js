// The HTML report: puts the charts into the figures that the page has for them, folds and sorts.

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
  if (chart.heat !== undefined) drawn.set(figure, heatMap(container, { ...chart, marks, words }));
  else if (chart.distribution !== undefined) drawn.set(figure, distributionChart(container, { ...chart, words }));
  else
    drawn.set(
      figure,
      timeChart(container, { ...chart, seconds: chart.seconds ?? data.seconds, marks: chart.marks ?? marks, words }),
    );
}

/** A chart in a folded part is drawn when the part is opened for the first time. */
const isShown = (figure) => figure.closest('details:not([open])') === null;
const figures = [...document.querySelectorAll('figure[data-chart]')];
const drawShown = () => figures.filter((figure) => isShown(figure) && !drawn.has(figure)).forEach(draw);
const drawAgain = () => {
  for (const [figure, { destroy }] of drawn) {
    destroy();
    drawn.delete(figure);
    figure.querySelector('.plot').replaceChildren();
  }
  drawShown();
};

const sections = [...document.querySelectorAll('details.section')];
if (matchMedia('(max-width: 40rem)').matches) {
  for (const section of sections) section.open = 'key' in section.dataset;
}
for (const fold of document.querySelectorAll('details')) fold.addEventListener('toggle', drawShown);
const openTarget = () => {
  const target = sections.find(({ id }) => `#${id}` === location.hash);
  if (target !== undefined) target.open = true;
};
addEventListener('hashchange', openTarget);
openTarget();
drawShown();
// Paper cannot be unfolded.
addEventListener('beforeprint', () => {
  for (const section of sections) section.open = true;
  drawShown();
});

for (const table of document.querySelectorAll('table.sortable')) makeSortable(table);

// Canvases keep the colours that they were drawn with.
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAgain);
matchMedia('print').addEventListener('change', drawAgain);
document.getElementById('theme').addEventListener('click', () => {
  const root = document.documentElement;
  const isDark = root.dataset.theme
    ? root.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = isDark ? 'light' : 'dark';
  drawAgain();
});
