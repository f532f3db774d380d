// The latency heat map: time across, response time up on a logarithmic axis, the share of requests as colour.

import { attach, axis, axisNumber, clockTime, colours, drawMarks, shortNumber, timeAxis, timeScale } from './charts.js';

const { uPlot } = globalThis;
const HEIGHT = 220;

/**
 * @param heat { starts: seconds of each column and the end of the last, edgesMs: of the rows, from below, and the end
 *   of the last, cells: for each column [row, count, row, count …] }
 * @returns { plot, show, destroy }; `show` takes another heat
 */
export function heatMap(container, { heat, marks, words }) {
  const theme = colours();
  const shown = { ...heat, ...sharesOf(heat) };
  const picture = document.createElement('canvas');
  const legend = document.createElement('p');
  legend.className = 'heat-legend';
  const readout = document.createElement('p');
  readout.className = 'readout';
  readout.setAttribute('aria-live', 'polite');
  const options = {
    width: container.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    scales: { x: timeScale(), y: { distr: 3, range: () => ends(shown) } },
    axes: [
      timeAxis(theme),
      axis(theme, {
        size: 60,
        splits: () => logarithmicSteps(...ends(shown)),
        values: (_, splits) => splits.map(axisNumber),
      }),
    ],
    series: [{}, { paths: () => null, points: { show: false } }],
    cursor: {
      sync: { key: 'time', setSeries: false, scales: ['x', null] },
      drag: { x: true, y: false },
      points: { show: false },
    },
    hooks: {
      drawClear: [(plot) => drawMarks(plot, marks, theme)],
      draw: [(plot) => drawCells(plot, shown, theme.series[0], picture)],
      setCursor: [(plot) => tell(plot, readout, shown, words)],
    },
  };
  const plot = new uPlot(options, dataOf(heat), container);
  const show = (next) => {
    Object.assign(shown, next, sharesOf(next));
    tellShades(legend, shown, words);
    plot.setData(dataOf(next), false);
  };
  tellShades(legend, shown, words);
  container.append(legend, readout);
  return { plot, show, destroy: attach(container, plot, 'time') };
}

/** For each column the sum of its counts, and of all cells the greatest share of a column. */
function sharesOf({ cells }) {
  const totals = cells.map((column) => column.reduce((sum, value, i) => sum + (i % 2 === 1 ? value : 0), 0));
  const most = cells.reduce((top, column, i) => Math.max(top, ...shares(column, totals[i])), 0);
  return { totals, most };
}

/** Both ends of the axis. */
function ends({ edgesMs }) {
  return [edgesMs[0], edgesMs[edgesMs.length - 1]];
}

function dataOf({ starts, edgesMs }) {
  return [starts, starts.map(() => edgesMs[0])];
}

/** 1, 2 and 5 of each power of ten in the range. uPlot's own steps never end where a range begins off a power of ten. */
function logarithmicSteps(least, most) {
  const steps = [];
  for (let power = Math.floor(Math.log10(least)); 10 ** power <= most; power++) {
    for (const factor of [1, 2, 5]) steps.push(factor * 10 ** power);
  }
  return steps.filter((step) => step >= least && step <= most);
}

function shares(column, total) {
  return column.filter((_, i) => i % 2 === 1).map((count) => count / total);
}

/**
 * All cells as one picture, a row of it for each row: thousands of rectangles take a browser longer to draw than all else of a second.
 * @param picture a canvas of the chart's own: to make one takes as long as to draw it
 */
function drawCells(plot, { starts, edgesMs, cells, totals, most }, colour, picture) {
  const { ctx, bbox } = plot;
  const { left, top, width, height } = bbox;
  const rows = edgesMs.length - 1;
  const shades = new ImageData(width, rows);
  const edges = starts.map((start) => Math.round(plot.valToPos(start, 'x', true) - left));
  for (const [i, column] of cells.entries()) {
    const from = Math.max(0, edges[i]);
    const to = Math.min(width, Math.max(edges[i] + 1, edges[i + 1]));
    for (let j = 0; j < column.length; j += 2) {
      const line = (rows - 1 - column[j]) * width;
      // The root shows rare slow requests, which a linear scale would hide.
      const alpha = 255 * (0.12 + 0.88 * Math.sqrt(column[j + 1] / totals[i] / most));
      for (let x = from; x < to; x++) shades.data[4 * (line + x) + 3] = alpha;
    }
  }
  // It is made anew where it is told its size, even the one that it has.
  if (picture.width !== width || picture.height !== rows) Object.assign(picture, { width, height: rows });
  const brush = picture.getContext('2d');
  brush.putImageData(shades, 0, 0);
  brush.globalCompositeOperation = 'source-in';
  brush.fillStyle = colour;
  brush.fillRect(0, 0, width, rows);
  ctx.save();
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(picture, left, top, width, height);
  ctx.restore();
}

/** What the shades mean: from none of a moment's requests to the greatest share that a cell has. */
function tellShades(legend, { most }, words) {
  const scale = document.createElement('i');
  legend.replaceChildren(`${words.fewer} 0%`, scale, `${shortNumber(100 * most)}% ${words.more}`);
}

/** What lies under the cursor, in words. */
function tell(plot, readout, { starts, edgesMs, cells, totals }, words) {
  const { left, top } = plot.cursor;
  readout.textContent = '';
  if (left < 0) return;
  const second = plot.posToVal(left, 'x');
  const column = starts.findLastIndex((start) => start <= second);
  if (column < 0 || column >= cells.length) return;
  const when = `${clockTime(starts[column])}–${clockTime(starts[column + 1])}`;
  if (top < 0) return;
  const ms = plot.posToVal(top, 'y');
  const row = edgesMs.findLastIndex((edge) => edge <= ms);
  const at = cells[column].findIndex((value, i) => i % 2 === 0 && value === row);
  const count = at < 0 ? 0 : cells[column][at + 1];
  const share = totals[column] === 0 ? 0 : (100 * count) / totals[column];
  const range = `${shortNumber(edgesMs[row])}–${shortNumber(edgesMs[row + 1])} ms`;
  readout.textContent = `${when}, ${range}: ${count.toLocaleString('en')} ${words.requests} (${shortNumber(share)}%)`;
}
