// One operation over time, for whoever asks which of them it was.

import { get } from '../api.js';
import { html, useEffect, useRef, useState } from '../dom.js';
import { toMs } from '../model/columns.js';
import { say } from '../words.js';
import { Chart } from './chart.js';
import { marksOf } from './run-charts.js';

const MAX_POINTS = 1800;
const NO_POINTS = { seconds: [], requests: [], errors: [], p50Us: [], p95Us: [], p99Us: [] };

/** Its seconds come from control whenever the percentiles do, so that they are exact. */
export function OperationCharts({ run, operation, range, theme, onClose }) {
  const points = useOperationPoints(run, operation);
  const { type, name } = run.hello.operations[operation];
  const marks = marksOf(run);
  const { seconds, requests, errors, p50Us, p95Us, p99Us } = points;
  const throughput = {
    seconds,
    marks,
    series: [
      { label: say('chart.requests'), values: requests },
      { label: say('chart.failures'), values: errors },
    ],
  };
  const responseTime = {
    seconds,
    marks,
    series: [
      { label: say('column.median'), values: known(p50Us, requests) },
      { label: say('column.p95'), values: known(p95Us, requests) },
      { label: say('column.p99'), values: known(p99Us, requests) },
    ],
  };
  return html`<section class="operation" aria-label=${name}>
    <h3>
      ${type} ${name} <button type="button" onClick=${onClose}>${say('live.allOperations')}</button>
    </h3>
    ${
      seconds.length === 0
        ? html`<p class="note">${say('live.noSeconds')}</p>`
        : html`<div class="charts">
          <${Chart} id="operation-throughput" title=${say('chart.throughput')} chart=${throughput} range=${range} theme=${theme} />
          <${Chart} id="operation-response" title=${say('chart.responseTime')} chart=${responseTime} range=${range} theme=${theme} />
        </div>`
    }
  </section>`;
}

function known(values, requests) {
  return toMs(values.map((us, i) => (requests[i] === 0 ? null : us)));
}

function useOperationPoints(run, operation) {
  const [points, setPoints] = useState(NO_POINTS);
  const until = useRef(-1);
  const newest = run.percentiles?.second ?? run.hello.second;
  useEffect(() => {
    until.current = -1;
    setPoints(NO_POINTS);
  }, [operation]);
  useEffect(() => {
    const leaving = new AbortController();
    const from = until.current + 1;
    const step = Math.max(1, Math.ceil((newest + 1 - from) / MAX_POINTS));
    const asked = { from, to: newest, step, operations: operation };
    if (newest < from) return;
    get(`/runs/${encodeURIComponent(run.runId)}/timeline`, asked, leaving.signal).then(
      (timeline) => {
        const columns = timeline.operations.find(({ index }) => index === operation)?.columns;
        if (columns === undefined) return;
        until.current = timeline.to;
        const seconds = columns.requests.map((_, i) => timeline.from + i * timeline.step);
        setPoints((before) => appended(before, { ...columns, seconds }));
      },
      () => {},
    );
    return () => leaving.abort();
  }, [operation, newest]);
  return points;
}

function appended(before, fresh) {
  return Object.fromEntries(Object.keys(NO_POINTS).map((name) => [name, [...before[name], ...fresh[name]]]));
}
