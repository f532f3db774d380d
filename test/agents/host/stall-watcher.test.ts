import t from 'tap';
import { type StallReport, watchMainThread } from '../../../agents/host/stall-watcher.ts';
import { matchEach } from '../../kit/match-each.ts';

const LOOK_MS = 100;
const CALLS = ['', 'driver x in its operation y'];

/** The watcher's program, run from its text as its thread does, beside a clock and a main thread that the test moves. */
class Watched {
  readonly cells = new Int32Array(new SharedArrayBuffer(8));
  readonly reports: StallReport[] = [];
  readonly said: string[] = [];
  samples = 0;
  #nowMs = 0;
  #look = () => {};

  constructor() {
    const workerData = { shared: this.cells.buffer, stallMs: 500, lostMs: 3000, calls: CALLS, modules: 'none' };
    const watched = this;
    class Session {
      connectToMainThread() {
        watched.samples += 1;
      }
      on() {}
      post() {}
    }
    const modules: Record<string, object> = {
      'node:worker_threads': {
        parentPort: { on: () => {}, postMessage: (report: StallReport) => this.reports.push(report) },
        workerData,
      },
      'node:fs': { writeSync: (_fd: number, text: string) => this.said.push(text.trimEnd()) },
      'node:inspector': { Session },
    };
    const surroundings = {
      process: { getBuiltinModule: (name: string) => modules[name], cpuUsage: () => ({ user: 0, system: 0 }) },
      performance: { now: () => this.#nowMs },
      setInterval: (look: () => void) => {
        this.#look = look;
      },
    };
    const run = new Function(...Object.keys(surroundings), `(${watchMainThread.toString()})()`);
    run(...Object.values(surroundings));
  }

  /** @param lateMs how much later than it should the look comes */
  look({ turned, lateMs = 0 }: { turned: boolean; lateMs?: number }): void {
    if (turned) Atomics.add(this.cells, 0, 1);
    this.#nowMs += LOOK_MS + lateMs;
    this.#look();
  }
}

function looks(watched: Watched, times: number, turned: boolean): void {
  for (let i = 0; i < times; i++) watched.look({ turned });
}

t.test('a loop that stands is looked at once, told of while it stands, and told with how long it stood', async (t) => {
  const watched = new Watched();
  watched.cells[1] = 1;
  looks(watched, 3, true);
  looks(watched, 4, false);
  t.equal(watched.samples, 0, 'not yet');
  looks(watched, 26, false);
  t.equal(watched.samples, 1);
  t.same(watched.said, ['the event loop has stood for 3 s, and still does: driver x in its operation y']);
  watched.look({ turned: true });
  matchEach(t, watched.reports, [{ ms: 3100, call: 1, isSampled: true }]);
});

t.test('a clock that jumps, and a host that slept, are no stall of the main thread', async (t) => {
  const watched = new Watched();
  watched.cells[1] = 1;
  for (const jumpMs of [4_000, 3_600_000]) {
    looks(watched, 3, true);
    watched.look({ turned: false, lateMs: jumpMs });
    looks(watched, 2, false);
  }
  looks(watched, 2, true);
  t.equal(watched.samples, 0, 'the main thread was not stopped');
  t.same(watched.said, []);
  t.same(watched.reports, []);
});
