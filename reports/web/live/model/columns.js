// What a run did second by second, as columns that charts show as they are. A second is known from the stream, or from the timeline
// that control keeps.

const NAMES = ['rps', 'fps', 'p50Ms', 'p95Ms', 'p99Ms', 'maxMs', 'vus', 'dropped', 'cpu', 'lagMs'];

/** Before there is any. They are kept up as seconds come, because to look through all of a long run each second makes garbage. */
const NO_TIMES = { leastMs: Number.POSITIVE_INFINITY, mostMs: 0 };

/** `seconds` rise; every other column has as many values, null where there is none. `leastMs` is the least median, `mostMs` the maximum. */
export function emptyColumns() {
  return { seconds: [], monitors: new Map(), ...NO_TIMES, ...Object.fromEntries(NAMES.map((name) => [name, []])) };
}

function widenTimes(columns, i) {
  const median = columns.p50Ms[i];
  if (median > 0 && median < columns.leastMs) columns.leastMs = median;
  if (columns.maxMs[i] > columns.mostMs) columns.mostMs = columns.maxMs[i];
}

export function lastSecond({ seconds }) {
  return seconds.length === 0 ? -1 : seconds[seconds.length - 1];
}

/** @param monitorNames in the order of `event.monitors` */
export function appendSecond(columns, event, monitorNames) {
  if (event.second <= lastSecond(columns)) return;
  const { all, agents } = event;
  const dropped = event.dropped - (columns.droppedBefore ?? event.dropped);
  columns.droppedBefore = event.dropped;
  columns.seconds.push(event.second);
  const values = {
    ...latencies(all),
    rps: all.rps,
    fps: all.fps,
    vus: event.vus,
    dropped,
    cpu: agents.cpuMax,
    lagMs: msOf(agents.lagMaxUs),
  };
  for (const name of NAMES) columns[name].push(values[name]);
  const length = columns.seconds.length;
  widenTimes(columns, length - 1);
  for (const [i, name] of monitorNames.entries())
    monitorColumn(columns, name, length - 1).push(event.monitors[i] ?? null);
  for (const values of columns.monitors.values()) if (values.length < length) values.push(null);
}

/** Without requests a response time is not 0: there is none. */
function latencies({ rps, p50Us, p95Us, p99Us, maxUs }) {
  return rps === 0
    ? { p50Ms: null, p95Ms: null, p99Ms: null, maxMs: null }
    : { p50Ms: msOf(p50Us), p95Ms: msOf(p95Us), p99Ms: msOf(p99Us), maxMs: msOf(maxUs) };
}

function msOf(us) {
  return us === null || us === undefined ? null : us / 1e3;
}

export function toMs(values) {
  return values.map(msOf);
}

function monitorColumn(columns, name, length) {
  let values = columns.monitors.get(name);
  if (values === undefined) {
    values = new Array(length).fill(null);
    columns.monitors.set(name, values);
  }
  return values;
}

/** Puts what control keeps in place of what is known of the same time. */
export function fillColumns(columns, timeline) {
  const { from, to } = timeline;
  if (to < from) return;
  const filled = ofTimeline(timeline);
  const before = columns.seconds.findIndex((second) => second >= from);
  const head = before < 0 ? columns.seconds.length : before;
  const after = columns.seconds.findIndex((second) => second > to);
  const tail = after < 0 ? columns.seconds.length : after;
  const length = columns.seconds.length;
  const joined = (old, fresh) => [...old.slice(0, head), ...fresh, ...old.slice(tail)];
  for (const name of new Set([...columns.monitors.keys(), ...filled.monitors.keys()])) {
    const old = columns.monitors.get(name) ?? new Array(length).fill(null);
    columns.monitors.set(name, joined(old, filled.monitors.get(name) ?? filled.seconds.map(() => null)));
  }
  for (const name of ['seconds', ...NAMES]) columns[name] = joined(columns[name], filled[name]);
  Object.assign(columns, NO_TIMES);
  for (let i = 0; i < columns.seconds.length; i++) widenTimes(columns, i);
}

function ofTimeline({ from, to, step, vus, dropped, all, agentCpuCores, loopLagUs, monitors }) {
  const seconds = [];
  for (let second = from; second <= to; second += step) seconds.push(second);
  const known = (values) => values.map((us, i) => (all.requests[i] === 0 ? null : msOf(us)));
  return {
    seconds,
    rps: all.requests,
    fps: all.errors,
    p50Ms: known(all.p50Us),
    p95Ms: known(all.p95Us),
    p99Ms: known(all.p99Us),
    maxMs: known(all.maxUs),
    vus,
    dropped,
    cpu: agentCpuCores,
    lagMs: toMs(loopLagUs),
    monitors: new Map(monitors.map(({ name, values }) => [name, values])),
  };
}

/**
 * The mean rate of the last ten seconds, as Locust's "current"; of fewer where the page is younger.
 * @param current of each second { rps, fps, passes }, by operation or journey
 * @param i an index in them; undefined for all together
 */
export function currentRate(current, key, i) {
  if (current.length === 0) return 0;
  const sum = current.reduce((total, rates) => {
    return total + (i === undefined ? rates[key].reduce((a, b) => a + b, 0) : (rates[key][i] ?? 0));
  }, 0);
  return sum / current.length;
}
