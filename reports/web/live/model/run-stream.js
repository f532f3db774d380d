// The stream of a run's events. first.js opens it before the other scripts have come, so that the page begins with figures.

import { openBrowserStream } from '../browser-stream.js';

const KINDS = ['hello', 'second', 'percentiles', 'agents', 'load', 'state', 'event', 'log', 'result', 'end', 'reload'];
const KEPT = { hello: 1, state: 1, percentiles: 1, second: 1, result: 1, end: 1 };
/** A stream that was opened ahead and that nobody wants is left after this. */
const UNWANTED_MS = 10_000;

/**
 * @param on { message(kind, data), connection(isOpen) }
 * @returns a function that leaves the stream
 */
export function openRunStream(runId, on) {
  const { streams } = globalThis.early;
  const ahead = streams.get(runId);
  streams.delete(runId);
  return ahead === undefined ? open(runId, on) : ahead(on);
}

/**
 * What it says waits for {@link openRunStream}.
 * @param hasFigures called when the newest second has come, or none will
 */
export function openRunStreamAhead(runId, hasFigures) {
  const { streams } = globalThis.early;
  const waiting = [];
  let reader = {
    message(kind, data) {
      waiting.push(() => reader.message(kind, data));
      if (kind === 'second' || kind === 'end' || (kind === 'hello' && data.second < 0)) hasFigures();
    },
    connection(isOpen) {
      waiting.push(() => reader.connection(isOpen));
      if (!isOpen) hasFigures();
    },
  };
  const leave = open(runId, {
    message: (kind, data) => reader.message(kind, data),
    connection: (isOpen) => reader.connection(isOpen),
  });
  const ahead = (on) => {
    reader = on;
    for (const say of waiting.splice(0)) say();
    return leave;
  };
  streams.set(runId, ahead);
  setTimeout(() => {
    if (streams.get(runId) !== ahead) return;
    streams.delete(runId);
    leave();
  }, UNWANTED_MS);
}

function open(runId, on) {
  return openBrowserStream(`/api/v1/runs/${encodeURIComponent(runId)}/events`, { kinds: KINDS, kept: KEPT, on });
}
