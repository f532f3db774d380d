// The percentile distribution on HdrHistogram's axis, which gives each further nine the same width.

import { attach, axis, axisNumber, colours, shortNumber } from './charts.js';

const { uPlot } = globalThis;
const HEIGHT = 260;

/** @param distribution [{ label, quantiles, ms, count }]: the lines; a quantile of 1 is the greatest of `count` samples */
export function distributionChart(container, { distribution, words }) {
  const theme = colours();
  const tables = distribution.map(({ quantiles, ms, count }) => [quantiles.map((q) => nines(q, count)), ms]);
  const data = tables.length > 1 ? uPlot.join(tables) : tables[0];
  const options = {
    width: container.clientWidth,
    height: HEIGHT,
    // Room for the half of the last mark that stands out.
    padding: [null, 30, null, null],
    scales: {
      x: { time: false, distr: 3 },
      y: { range: (_, __, most) => [0, most > 0 ? most * 1.08 : 1] },
    },
    axes: [
      axis(theme, { values: (_, splits) => splits.map((value) => (isTenfold(value) ? percent(value) : '')) }),
      axis(theme, { size: 60, values: (_, splits) => splits.map(axisNumber) }),
    ],
    series: [
      { label: words.percentile, value: (_, value) => (value === null ? '–' : percent(value)) },
      ...distribution.map(({ label }, i) => ({
        label,
        stroke: theme.series[i],
        dash: i === 0 ? [] : [6, 4],
        width: 1.5,
        spanGaps: true,
        points: { show: false },
        value: (_, value) => (value === null || value === undefined ? '–' : `${shortNumber(value)} ms`),
      })),
    ],
    cursor: { drag: { x: true, y: false }, dataIdx: nearestValue },
  };
  const plot = new uPlot(options, data, container);
  return { plot, destroy: attach(container, plot, container) };
}

/** 1 for 0 %, 10 for 90 %, 100 for 99 %; the greatest of n samples stands for 1 - 1/n. */
function nines(quantile, count) {
  return quantile === 1 ? Math.max(1, count) : 1 / (1 - quantile);
}

function percent(value) {
  const digits = Math.max(0, Math.ceil(Math.log10(value)) - 1);
  return `${Number((100 * (1 - 1 / value)).toFixed(digits))}%`;
}

function isTenfold(value) {
  return value !== null && Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-6;
}

/** The lines have points at different places: take the nearest that has a value. */
function nearestValue(plot, series, at) {
  const values = plot.data[series];
  for (let distance = 0; distance < values.length; distance++) {
    if (values[at - distance] !== null && values[at - distance] !== undefined) return at - distance;
    if (values[at + distance] !== null && values[at + distance] !== undefined) return at + distance;
  }
  return at;
}
