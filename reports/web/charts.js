// Charts over time, on uPlot, which the page loads before as a global. The HTML report and the live dashboard share them.

const { uPlot } = globalThis;
const HEIGHT = 220;
const LINE_WIDTH = 1.5;
/** Distances of marks on the axis of time, in seconds. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400];

/** What a chart is drawn with, by the names of the style sheet. */
const COLOURS = [
  'muted',
  'grid',
  'mark',
  'shade',
  'bad',
  'page',
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((i) => `series-${i}`),
];

/** Colours as the style sheet has them now, in one go: for each probe the browser works out the style of the page anew. */
export function colours() {
  const probe = document.createElement('i');
  for (const name of COLOURS) probe.appendChild(document.createElement('i')).style.color = `var(--${name})`;
  document.body.append(probe);
  const [text, grid, mark, shade, limit, page, ...series] = [...probe.children].map(
    (one) => getComputedStyle(one).color,
  );
  probe.remove();
  return { text, grid, mark, shade, limit, page, series };
}

/** Such as 2:05, for seconds since the start. */
export function clockTime(seconds) {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] > 0 ? parts : parts.slice(1);
  return shown.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

const english = new Intl.NumberFormat('en');

/** Three digits, and never less than whole numbers. */
export function shortNumber(value) {
  if (value === null || value === undefined) return '–';
  const magnitude = Math.abs(value);
  const decimals = magnitude === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(magnitude)));
  return english.format(Number(value.toFixed(Math.min(decimals, 6))));
}

/** From 10,000 on in thousands, millions, …: an axis has room for few characters. */
export function axisNumber(value) {
  if (value === null || value === undefined) return '';
  const magnitude = Math.abs(value);
  const power = magnitude < 1e4 ? 0 : Math.min(4, Math.floor(Math.log10(magnitude) / 3));
  return `${shortNumber(value / 1000 ** power)}${['', 'k', 'M', 'G', 'T'][power]}`;
}

/** Axes in the page's colours. */
export function axis(theme, more) {
  const grid = { stroke: theme.grid, width: 1 };
  return { stroke: theme.text, grid, ticks: grid, font: '12px system-ui, sans-serif', ...more };
}

/** The axis of time; charts with it zoom and point together. */
export function timeScale() {
  return { time: false };
}

export function timeAxis(theme) {
  return axis(theme, { incrs: STEPS, values: (_, splits) => splits.map(clockTime) });
}

/** The range of an axis: 0 is always on it, and the curve does not touch its end. */
export function valueRange(_, least, most) {
  return [least < 0 ? least * 1.08 : 0, most > 0 ? most * 1.08 : least < 0 ? 0 : 1];
}

/** Indices of values without a neighbour: no line goes through them, so that only a point shows them. */
export function lonePoints(values) {
  const found = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== null && (values[i - 1] ?? values[i + 1] ?? null) === null) found.push(i);
  }
  return found;
}

/**
 * A line chart over time, or over the load where `load` names it: then `seconds` are levels, and it zooms by itself.
 *
 * @param container an element that is empty; its width is the chart's
 * @param chart { seconds, series: [{ label, values, right?, colour?, dashed? }], log?, range?: [least, most], limits?: [{ value, label }], load?, words,
 *   marks: { warmupS, events: [{ second, text }], levels: [{ second, text }] } }
 * @returns { plot, destroy }; `plot.setData` takes [seconds, ...values]
 */
export function timeChart(container, { seconds, series, log, range, limits = [], load, marks, words }) {
  const theme = colours();
  const hasRight = series.some(({ right }) => right);
  const numbers = (_, splits) => splits.map(axisNumber);
  const highest = limits.reduce((top, { value }) => Math.max(top, value), 0);
  const top = (plot, least, most) => valueRange(plot, least, Math.max(most, highest));
  const y = log ? { distr: 3 } : { range: range ?? top };
  const options = {
    width: container.clientWidth,
    height: HEIGHT,
    padding: [marks.levels.length > 0 ? 20 : null, null, null, null],
    scales: {
      x: timeScale(),
      y,
      ...(hasRight && { right: { range: valueRange } }),
    },
    axes: [
      load === undefined ? timeAxis(theme) : axis(theme, { values: numbers }),
      axis(theme, { values: numbers, size: 60 }),
      ...(hasRight ? [axis(theme, { scale: 'right', side: 1, values: numbers, size: 60, grid: { show: false } })] : []),
    ],
    series: [
      load === undefined
        ? { label: words.time, value: (_, value) => (value === null ? '–' : clockTime(value)) }
        : { label: load, value: (_, value) => shortNumber(value) },
      ...series.map(({ label, right, colour, dashed }, i) => ({
        label,
        scale: right ? 'right' : 'y',
        stroke: theme.series[(colour ?? i) % theme.series.length],
        width: LINE_WIDTH,
        dash: dashed ? [6, 4] : [],
        points: {
          show: load !== undefined || ((plot) => plot.data[0].length < 3),
          filter: (plot, at, showsAll) => (load !== undefined || showsAll ? null : lonePoints(plot.data[at])),
        },
        value: (_, value) => shortNumber(value),
      })),
    ],
    cursor: {
      ...(load === undefined && { sync: { key: 'time', setSeries: false, scales: ['x', null] } }),
      drag: { x: true, y: false },
    },
    hooks: {
      drawClear: [thinDenseLines, (plot) => drawMarks(plot, marks, theme)],
      draw: [(plot) => drawLimits(plot, limits, theme), (plot) => nameLevels(plot, marks, theme)],
    },
  };
  const plot = new uPlot(options, [seconds, ...series.map(({ values }) => values)], container);
  return { plot, destroy: attach(container, plot, load === undefined ? 'time' : container) };
}

/** Where there are more points than half of the pixels, wider lines hide each other; and they take ten times as long to draw. */
function thinDenseLines({ series, data, width }) {
  for (const one of series.slice(1)) one.width = data[0].length > width / 2 ? 1 : LINE_WIDTH;
}

/** The limits of thresholds, each with its criterion. */
function drawLimits(plot, limits, theme) {
  const { ctx, bbox } = plot;
  const space = 4 * devicePixelRatio;
  clipped(plot, () => {
    ctx.strokeStyle = theme.limit;
    ctx.setLineDash([8, 4]);
    const lines = limits.map(({ value, label: text }) => {
      const shown = fitting(ctx, text, bbox.width - 2 * space);
      const y = Math.round(plot.valToPos(value, 'y', true));
      return { text: shown, y, width: labelWidth(ctx, shown) + 2 * space };
    });
    for (const { y } of lines) {
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
    }
    for (const { text, x, y } of placed(lines, bbox, LABEL_HEIGHT * devicePixelRatio, curvesThrough(plot))) {
      label(ctx, text, x + space, y + devicePixelRatio, { ...theme, text: theme.limit });
    }
  });
}

/** The height of a label, with the space around it. */
const LABEL_HEIGHT = 15;

/** Whether a curve runs through a part of the chart: a function of its left, its top, its width and its height. */
function curvesThrough(plot) {
  return (left, top, width, height) => {
    const from = Math.max(0, plot.posToIdx(left, true) - 1);
    const until = plot.posToIdx(left + width, true) + 1;
    return plot.series.some(({ show, scale }, i) => {
      let [highest, lowest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let at = from; i > 0 && show && at <= until; at++) {
        const value = plot.data[i][at] ?? null;
        if (value === null) continue;
        const y = plot.valToPos(value, scale, true);
        highest = Math.min(highest, y);
        lowest = Math.max(lowest, y);
      }
      return highest <= top + height && lowest >= top;
    });
  };
}

/**
 * Places for the labels of level lines, so that none hides another, and no curve where that can be: at the right end above its line
 * or below it, or further to the left, and where lines are so close that this is not enough, in the next row that is free.
 *
 * @param lines [{ y, width, … }], `y` of each line, `width` of its label
 * @param area { left, top, width, height } of the chart
 * @param isCrossed whether a curve runs through a part of it, see {@link curvesThrough}
 * @returns the lines with `x` and `y` of the upper left corner of each label; without those for which there is no room
 */
export function placed(lines, { left, top, width, height }, labelHeight, isCrossed = () => false) {
  const taken = [];
  const isFree = (x, y, wide) =>
    x >= left &&
    y >= top &&
    y + labelHeight <= top + height &&
    taken.every((other) => {
      const isBeside = x + wide <= other.x || other.x + other.width <= x;
      return isBeside || y + labelHeight <= other.y || other.y + labelHeight <= y;
    });
  for (const line of lines.toSorted((a, b) => a.y - b.y)) {
    const right = left + width - line.width;
    const columns = [right, left, ...taken.map(({ x }) => x - line.width)].toSorted((a, b) => b - a);
    const rows = [line.y - labelHeight, line.y + 1];
    const beside = columns.flatMap((x) => rows.map((y) => ({ x, y })));
    const further = Array.from({ length: Math.ceil(height / labelHeight) }, (_, i) => [
      { x: right, y: line.y + 1 + (i + 1) * labelHeight },
      { x: right, y: line.y - (i + 2) * labelHeight },
    ]).flat();
    const fits = ({ x, y }) => isFree(x, y, line.width);
    const isClear = (at) => fits(at) && !isCrossed(at.x, at.y, line.width, labelHeight);
    const place = beside.find(isClear) ?? [...beside, ...further].find(fits);
    if (place !== undefined) taken.push({ ...line, ...place });
  }
  return taken;
}

/** The text, cut where it is wider than that. */
function fitting(ctx, text, width) {
  if (labelWidth(ctx, text) <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && labelWidth(ctx, `${characters.join('')}…`) > width) characters.pop();
  return `${characters.join('')}…`;
}

const labelFont = () => `${11 * devicePixelRatio}px system-ui, sans-serif`;

/** Widths of texts by font, because measuring them takes longer than to draw a curve. */
const widths = new Map();

function labelWidth(ctx, text) {
  ctx.font = labelFont();
  const key = `${ctx.font} ${text}`;
  if (!widths.has(key)) widths.set(key, ctx.measureText(text).width);
  return widths.get(key);
}

/** A short text in a chart, from its upper left corner. The grid and the curves must not run through it. */
function label(ctx, text, x, y, theme) {
  const width = labelWidth(ctx, text);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  ctx.fillStyle = theme.page;
  ctx.fillRect(x - 2, y - 1, width + 4, 13 * devicePixelRatio);
  ctx.fillStyle = theme.text;
  ctx.fillText(text, x, y);
}

/** Draws within the chart's own area, and leaves the canvas as it was. */
function clipped({ ctx, bbox }, draw) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw();
  ctx.restore();
}

/** Names of the levels of load, above the chart's own area. */
function nameLevels(plot, { levels }, theme) {
  const { min, max } = plot.scales.x;
  const { ctx, bbox } = plot;
  const end = bbox.left + bbox.width;
  let free = bbox.left;
  for (const { second, text } of levels) {
    if (second < min || second > max) continue;
    const width = labelWidth(ctx, text);
    const x = Math.min(plot.valToPos(second, 'x', true), end - width);
    // One that would hide the name before it is left out: its line is there, and the table has all of them.
    if (x < free) continue;
    label(ctx, text, x, bbox.top - 14 * devicePixelRatio, theme);
    free = x + width + 6 * devicePixelRatio;
  }
}

/** The warm-up in the background, events and levels of load as lines. */
export function drawMarks(plot, { warmupS, events, levels }, theme) {
  const { ctx, bbox } = plot;
  const line = (second) => {
    const x = Math.round(plot.valToPos(second, 'x', true));
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  };
  clipped(plot, () => {
    if (warmupS > 0) {
      const from = plot.valToPos(0, 'x', true);
      ctx.fillStyle = theme.shade;
      ctx.fillRect(from, bbox.top, plot.valToPos(warmupS, 'x', true) - from, bbox.height);
    }
    ctx.strokeStyle = theme.text;
    ctx.setLineDash([1, 3]);
    for (const { second } of levels) line(second);
    ctx.strokeStyle = theme.mark;
    ctx.setLineDash([4, 4]);
    for (const { second } of events) line(second);
  });
}

const groups = new Map();
let isFeeding = false;

/** Changes what one chart shows, without the others of its group: whoever feeds one feeds all that are to be seen. */
export function feedPlot(plot, change) {
  isFeeding = true;
  plot.batch(change);
  isFeeding = false;
}

/**
 * What every chart does beside drawing: follows its container's width, zooms together with its group, and can be
 * used from the keyboard (arrows move the cursor, + and - zoom, Esc shows all).
 *
 * @returns a function that takes it all away again
 */
export function attach(container, plot, group) {
  const members = groups.get(group) ?? new Set();
  groups.set(group, members.add(plot));
  let isFollowing = false;
  plot.hooks.setScale = [
    (changed, key) => {
      if (key !== 'x' || isFollowing || isFeeding) return;
      isFollowing = true;
      const { min, max } = changed.scales.x;
      for (const other of members) {
        const { x } = other.scales;
        if (other !== changed && (x.min !== min || x.max !== max)) other.setScale('x', { min, max });
      }
      isFollowing = false;
    },
  ];
  const resized = new ResizeObserver(() => {
    const width = container.clientWidth;
    if (width > 0 && width !== plot.width) plot.setSize({ width, height: plot.height });
  });
  resized.observe(container);
  const pressed = (event) => {
    if (onKey(plot, event.key)) event.preventDefault();
  };
  container.addEventListener('keydown', pressed);
  for (const label of container.querySelectorAll('.u-legend .u-series th')) makeButton(label);
  return () => {
    resized.disconnect();
    container.removeEventListener('keydown', pressed);
    members.delete(plot);
    plot.destroy();
  };
}

/** A series is shown and hidden by its label. */
function makeButton(label) {
  label.tabIndex = 0;
  label.setAttribute('role', 'button');
  label.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    event.stopPropagation();
    label.click();
  });
}

/** @returns whether the key means something here */
function onKey(plot, key) {
  const xs = plot.data[0];
  const { min, max } = plot.scales.x;
  if (key === 'ArrowLeft' || key === 'ArrowRight') {
    const step = key === 'ArrowLeft' ? -1 : 1;
    const at = plot.cursor.idx ?? (step > 0 ? -1 : xs.length);
    const next = Math.min(xs.length - 1, Math.max(0, at + step));
    plot.setCursor({ left: plot.valToPos(xs[next], 'x'), top: plot.bbox.height / devicePixelRatio / 2 });
    return true;
  }
  if (key === '+' || key === '-') {
    const at = xs[plot.cursor.idx ?? Math.floor(xs.length / 2)];
    const factor = key === '+' ? 0.5 : 2;
    const from = Math.max(xs[0], at - (at - min) * factor);
    const until = Math.min(xs[xs.length - 1], at + (max - at) * factor);
    if (until > from) plot.setScale('x', { min: from, max: until });
    return true;
  }
  if (key !== 'Escape') return false;
  plot.setScale('x', { min: xs[0], max: xs[xs.length - 1] });
  return true;
}
