// One run as this page knows it: what the stream says, folded together with what control keeps of the time before.

import { get } from '../api.js';
import { appendSecond, emptyColumns, fillColumns } from './columns.js';
import { heatColumn, placeColumns } from './heat.js';
import { openRunStream } from './run-stream.js';
import { ENDED_STATES } from './verdict-so-far.js';
import { addToView, startView } from './view-since.js';

/** Points of the time before this page was opened: two for each pixel of a wide screen are enough. */
const MAX_POINTS = 1800;
/** Notices are shown until the load begins. */
const MAX_LOG = 5;
const CURRENT_SECONDS = 10;

/**
 * Watches a run until `close`.
 * @param changed called after each message
 * @returns { run, close, resetView, showAll }
 */
export function watchRun(runId, changed) {
  const run = emptyRun(runId);
  const leaving = new AbortController();
  const path = `/runs/${encodeURIComponent(runId)}`;

  const miss = (from, to) => {
    if (to < from) return;
    const { missing } = run;
    run.missing = { from: Math.min(from, missing?.from ?? from), to: Math.max(to, missing?.to ?? to) };
  };

  /** Asks for seconds that the stream has not brought; one question at a time. */
  const fill = async () => {
    if (run.isFilling || run.missing === undefined) return;
    const { from, to } = run.missing;
    run.isFilling = true;
    run.missing = undefined;
    const step = Math.ceil((to + 1 - from) / MAX_POINTS);
    try {
      const timeline = await get(`${path}/timeline`, { from, to, step }, leaving.signal);
      fillColumns(run.columns, timeline);
      run.heat = placeColumns(run.heat, heatOfTimeline(timeline));
      run.events = timeline.events;
      run.loadChanges = timeline.loadChanges;
      run.fills++;
    } catch {
      // The next second asks again.
      miss(from, to);
    } finally {
      run.isFilling = false;
      changed();
    }
  };

  /** Percentiles of all requests since RESET VIEW. */
  const fillView = async (from, to) => {
    if (to < from) return;
    try {
      const { all } = await get(`${path}/timeline`, { from, to, step: to + 1 - from }, leaving.signal);
      run.viewAll = { p50Us: all.p50Us[0], p95Us: all.p95Us[0], p99Us: all.p99Us[0] };
      changed();
    } catch {
      // The next percentiles ask again.
    }
  };

  const said = {
    hello(hello) {
      run.hello = hello;
      run.state = hello.state;
      Object.assign(run, { reason: hello.reason, reasonTexts: hello.reasonTexts });
      run.hasEnded = ENDED_STATES.includes(hello.state);
      miss(run.newest + 1, hello.second);
      run.newest = Math.max(run.newest, hello.second);
      void fill();
      fillAgents(run, path, leaving.signal).then(changed, () => {});
    },
    second(second) {
      if (second.second <= (run.second?.second ?? -1)) return;
      run.second = second;
      run.receivedMs = performance.now();
      run.current.push({
        second: second.second,
        rps: second.ops.rps,
        fps: second.ops.fps,
        passes: second.journeys.rps,
      });
      while (run.current[0].second <= second.second - CURRENT_SECONDS) run.current.shift();
      if (run.view !== undefined) addToView(run.view, second);
      appendSecond(run.columns, second, run.hello?.monitors ?? []);
      miss(run.newest + 1, second.second - 1);
      // Charts of every second of a day would take longer to draw than a second has: control has them with fewer points.
      if (run.columns.seconds.length > 2 * MAX_POINTS && !run.isFilling) miss(0, second.second);
      run.newest = Math.max(run.newest, second.second);
      void fill();
    },
    percentiles(percentiles) {
      run.percentiles = percentiles;
      const { fromSecond, seconds, indices, counts } = percentiles.column;
      run.heat = placeColumns(run.heat, [heatColumn(fromSecond, seconds, { indices, counts })]);
      if (run.view !== undefined) void fillView(run.view.fromSecond + 1, percentiles.second);
    },
    agents({ rows }) {
      for (const row of rows) run.agents.set(row.name, row);
      run.agentChanges++;
    },
    load: (change) => run.loadChanges.push(change),
    event: (event) => run.events.push(event),
    state(change) {
      Object.assign(run, change);
    },
    log(notice) {
      run.log.push(notice);
      if (run.log.length > MAX_LOG) run.log.shift();
    },
    result(result) {
      run.result = result;
    },
    end() {
      run.hasEnded = true;
    },
    reload() {
      Object.assign(run, emptyRun(runId), { isConnected: run.isConnected });
    },
  };

  const close = openRunStream(runId, {
    message(kind, data) {
      said[kind]?.(data);
      changed();
    },
    connection(isOpen) {
      run.isConnected = isOpen;
      changed();
    },
  });
  return {
    run,
    close() {
      leaving.abort();
      close();
    },
    resetView() {
      if (run.second !== undefined) run.view = startView(run);
      run.viewAll = undefined;
      changed();
    },
    showAll() {
      run.view = undefined;
      changed();
    },
  };
}

function emptyRun(runId) {
  return {
    runId,
    hello: undefined,
    state: undefined,
    reason: '',
    reasonTexts: undefined,
    second: undefined,
    /** When the newest second came, on the page's own clock. */
    receivedMs: 0,
    percentiles: undefined,
    columns: emptyColumns(),
    heat: [],
    events: [],
    loadChanges: [],
    agents: new Map(),
    log: [],
    /** Rates of the last seconds by operation, for "current". */
    current: [],
    result: undefined,
    /** Since RESET VIEW; undefined: everything is shown. */
    view: undefined,
    viewAll: undefined,
    /** Whether control answers; undefined until it is known. */
    isConnected: undefined,
    /** The newest second that was heard of: all before it are known, being asked for, or missing. */
    newest: -1,
    /** { from, to } of the seconds that are to be asked for; undefined: none. */
    missing: undefined,
    isFilling: false,
    /** How often the columns were filled, and the rows of agents changed: whoever draws them need not look. */
    fills: 0,
    agentChanges: 0,
    hasEnded: false,
  };
}

function heatOfTimeline({ from, to, step, heat }) {
  return heat.map((buckets, i) => {
    const first = from + i * step;
    return heatColumn(first, Math.min(step, to + 1 - first), buckets);
  });
}

const AGENT_PAGE = 500;

/** All rows: the stream brings those that change. */
async function fillAgents(run, path, signal) {
  let after;
  do {
    const page = await get(`${path}/agents`, { limit: AGENT_PAGE, after }, signal);
    for (const row of page.agents) if (!run.agents.has(row.name)) run.agents.set(row.name, row);
    run.agentChanges++;
    after = page.after ?? undefined;
  } while (after !== undefined);
}
