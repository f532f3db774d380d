// One stream of events for all tabs of a browser, which opens at most six connections to a host. A lock names the tab that holds the
// stream; a channel carries its messages to the others. When that tab closes, the lock passes on.

const RETRY_MS = [1000, 2000, 5000, 10_000, 30_000];

/**
 * @param url of server-sent events
 * @param kinds of the events that are listened to
 * @param kept how many of the latest messages of a kind a tab needs that opens later, by kind
 * @param repeats whether each connection begins with what there was before
 * @param on { message(kind, data), connection(isOpen) }
 * @returns a function that leaves the stream
 */
export function openBrowserStream(url, { kinds, kept, repeats = false, on }) {
  const channel = new BroadcastChannel(`bench ${url}`);
  const latest = [];
  const leaving = new AbortController();
  const me = Math.random().toString(36);
  let isLeader = false;
  /** Whether another tab was heard of: the channel copies each message, even where nobody listens. */
  let hasOthers = false;
  /** Whether the tab that holds the stream has it open; undefined until it is known. */
  let isOpen;

  const deliver = (kind, data) => {
    if (kept[kind] !== undefined) keep(latest, kind, data, kept[kind]);
    on.message(kind, JSON.parse(data));
  };
  channel.onmessage = ({ data: said }) => {
    if (said.asks !== undefined || said.isHere) hasOthers = true;
    if (said.asks !== undefined) {
      if (isLeader) channel.postMessage({ to: said.asks, latest, isOpen });
    } else if (said.to !== undefined) {
      if (said.to !== me) return;
      if (said.isOpen !== undefined) on.connection(said.isOpen);
      for (const { kind, data } of said.latest) deliver(kind, data);
    } else if (said.connection !== undefined) {
      channel.postMessage({ isHere: true });
      on.connection(said.connection);
    } else if (said.kind !== undefined) deliver(said.kind, said.data);
  };

  const lead = () =>
    new Promise((left) => {
      isLeader = true;
      latest.length = 0;
      const stop = readEvents(url, kinds, {
        message: (kind, data) => {
          if (hasOthers) channel.postMessage({ kind, data });
          deliver(kind, data);
        },
        connection: (connection) => {
          isOpen = connection;
          if (connection && repeats) latest.length = 0;
          channel.postMessage({ connection });
          on.connection(connection);
        },
      });
      leaving.signal.addEventListener('abort', () => {
        stop();
        left();
      });
    });

  if (navigator.locks === undefined) void lead();
  else {
    // Until the lock is this tab's, the one that has it says what there has been so far.
    channel.postMessage({ asks: me });
    navigator.locks.request(`bench ${url}`, { signal: leaving.signal }, lead).catch(() => {});
  }
  return () => {
    leaving.abort();
    channel.close();
  };
}

function keep(latest, kind, data, most) {
  latest.push({ kind, data });
  const ofKind = latest.filter((one) => one.kind === kind);
  if (ofKind.length > most) latest.splice(latest.indexOf(ofKind[0]), 1);
}

/** Reads events, and connects again by itself: a browser gives up for good after an answer that is not 200. */
function readEvents(url, kinds, on) {
  let source;
  let failures = 0;
  let timer;
  const connect = () => {
    source = new EventSource(url);
    source.onopen = () => {
      failures = 0;
      on.connection(true);
    };
    source.onerror = () => {
      on.connection(false);
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(connect, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
      failures++;
    };
    for (const kind of kinds) {
      source.addEventListener(kind, ({ data }) => {
        on.message(kind, data);
        if (kind === 'end') source.close();
      });
    }
  };
  connect();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
