import t from 'tap';
import { encodeWindows } from '../../agents/outbox.ts';
import { syntheticWindow } from '../../agents/simulation/synthetic-window.ts';
import { decodeWindow } from '../../proto/window-codec.ts';

const OPERATIONS = 200;

t.test(
  'a window that is too large for a message is sent as several of the same second, which add up to it',
  async (t) => {
    const window = {
      ...syntheticWindow({ runId: 'r', agent: 0, second: 7, operations: OPERATIONS, warmupUs: 0, vus: [5] }),
      scenarios: [{ scenario: 0, vus: 5, droppedArrivals: 3, missedArrivals: 1 }],
      writes: Array.from({ length: 1000 }, (_, i) => ({ driver: 0, key: `device-${i}`, acknowledged: i, unknown: 0 })),
    };
    t.equal(encodeWindows(window).length, 1);
    const encoded = encodeWindows(window, 10_000);
    t.ok(encoded.length > 4);
    t.ok(encoded.every((bytes) => bytes.length <= 10_000));
    const parts = encoded.map((bytes) => decodeWindow(bytes, { operations: OPERATIONS, scenarios: 1 }));
    t.ok(parts.every(({ second }) => second === 7));
    t.same(
      parts.map(({ continues }) => continues),
      [...parts.slice(1).map(() => true), undefined],
      'each but the last says that there is more of the second',
    );
    t.same(
      parts.flatMap(({ operations }) => operations),
      window.operations,
    );
    t.same(
      parts.flatMap(({ writes }) => writes),
      window.writes,
    );
    t.same(
      parts.map(({ scenarios }) => scenarios[0]?.droppedArrivals),
      [3, ...parts.slice(1).map(() => 0)],
    );
    t.equal(parts.at(-1)?.scenarios[0]?.vus, 5);
  },
);
