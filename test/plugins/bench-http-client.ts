/** One side of bench-http.ts: a driver in a bare closed loop of 50 sessions; prints its rate and CPU as JSON. */
import { randomStream } from '../../core/plan/random.ts';
import type { Session } from '../../core/plugin.ts';
import { Histogram } from '../../core/stats/histogram.ts';
import { loadDriver } from '../../plugins/load.ts';

const SESSIONS = 50;
const WARM_UP_MS = 500;
const [driverName = 'health', target = '', seconds = '2'] = process.argv.slice(2);

const plugin = await loadDriver(driverName, import.meta.dirname);
const checked = await plugin.options['~standard'].validate({});
if (checked.issues) throw new Error(JSON.stringify(checked.issues));
const driver = await plugin.open(checked.value, {
  runId: 'r1',
  target,
  baseDirectory: import.meta.dirname,
  nowUs: () => performance.now() * 1000,
  timing: () => {
    const histogram = new Histogram();
    return { recordUs: (durationUs) => histogram.record(Math.round(durationUs)) };
  },
  tally: () => ({ acknowledged: 0, unknown: 0 }),
});
const { signal } = new AbortController();
const sessions = await Promise.all(
  Array.from({ length: SESSIONS }, (_, index) => driver.connect({ index, random: randomStream(1, index) }, signal)),
);
const operation = plugin.operations(checked.value)[0]?.name ?? '';
let requests = 0;
let failures = 0;
let stopped = false;
const loops = sessions.map(loop);
await pause(WARM_UP_MS);
const requestsBefore = requests;
const startedMs = performance.now();
const cpuBefore = process.cpuUsage();
await pause(Number(seconds) * 1000);
const cpu = process.cpuUsage(cpuBefore);
const measured = requests - requestsBefore;
const perSecond = (measured / (performance.now() - startedMs)) * 1000;
stopped = true;
await Promise.all(loops);
for (const session of sessions) await session.close();
await driver.close();
if (failures > 0) throw new Error(`${failures} failures`);
console.log(JSON.stringify({ perSecond, cpuUs: (cpu.user + cpu.system) / measured }));

async function loop(session: Session): Promise<void> {
  while (!stopped && failures === 0) {
    const { ok } = await session.send(operation, signal);
    requests += 1;
    if (!ok) failures += 1;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
