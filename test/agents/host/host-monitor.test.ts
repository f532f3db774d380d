import t from 'tap';
import { type HostCounters, HostMonitor } from '../../../agents/host/host-monitor.ts';
import { parseCpuTime, parseCpuWait } from '../../../agents/host/linux.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';

const STAT = (ticks: { user: number; system: number; idle: number; steal?: number }) =>
  [
    `cpu  ${ticks.user} 0 ${ticks.system} ${ticks.idle} 0 0 0 ${ticks.steal ?? 0} 0 0`,
    `cpu0 ${ticks.user} 0 ${ticks.system} 0 0 0 0 0 0 0`,
    'cpu1 0 0 0 0 0 0 0 0 0 0',
    'intr 4828097 0',
  ].join('\n');

/** A monitor that reads one text of /proc/stat after another, second by second. */
async function sharesOf(stats: readonly string[]): Promise<number[]> {
  const clock = new FakeClock();
  let next = 0;
  const source = {
    read: (): HostCounters => ({
      processCpuUs: 0,
      processMemoryBytes: 1e6,
      cpuWaitUs: 0,
      hostCpu: parseCpuTime(stats[next++] as string) ?? { busyUs: 0, cores: 2 },
      hostMemory: { totalBytes: 4e9, availableBytes: 1e9 },
    }),
    close: () => {},
  };
  const monitor = new HostMonitor(clock, source);
  const shares: number[] = [];
  for (let second = 1; second < stats.length; second++) {
    await clock.advance(1e6);
    shares.push(monitor.take(0).hostCpuShare);
  }
  monitor.stop();
  return shares;
}

t.test('the share of the processors is what they were busy, whatever the idle counters say', async (t) => {
  // As recorded on a virtual host with two cores: idle stands still for seconds, and then jumps.
  const jumpy = [
    STAT({ user: 302_898, system: 62_845, idle: 240_277 }),
    STAT({ user: 302_978, system: 62_865, idle: 240_277 }),
    STAT({ user: 303_058, system: 62_885, idle: 240_577 }),
    STAT({ user: 303_138, system: 62_905, idle: 240_577 }),
    STAT({ user: 303_218, system: 62_925, idle: 240_577 }),
  ];
  t.same(await sharesOf(jumpy), [0.5, 0.5, 0.5, 0.5]);
});

t.test('a busy counter that moves every other second gives the mean, never more than all cores', async (t) => {
  const lumps = [0, 0, 300, 300, 600, 600, 900].map((user) => STAT({ user, system: 0, idle: 0 }));
  t.same((await sharesOf(lumps)).slice(2), [0.75, 0.75, 0.75, 0.75]);
  const tooMuch = [0, 500, 1_000].map((user) => STAT({ user, system: 0, idle: 0 }));
  t.same(await sharesOf(tooMuch), [1, 1]);
  const steppedBack = [500, 100, 50].map((user) => STAT({ user, system: 0, idle: 0 }));
  t.same(await sharesOf(steppedBack), [0, 0]);
});

t.test('time that the hypervisor gave to others counts as busy', async (t) => {
  const stolen = [0, 100, 200].map((steal) => STAT({ user: 0, system: 0, idle: 0, steal }));
  t.same(await sharesOf(stolen), [0.5, 0.5]);
});

t.test('a monitor that was stopped twice still reads, and says nothing of the host', async (t) => {
  const clock = new FakeClock();
  const monitor = new HostMonitor(clock);
  await clock.advance(1e6);
  const before = monitor.take(0);
  t.ok(before.processMemoryBytes > 1e6);
  t.ok(before.hostMemoryShare > 0 && before.hostMemoryShare < 1);
  monitor.stop();
  monitor.stop();
  t.ok(monitor.take(0).processMemoryBytes >= 0);
});

t.test('for how long the thread that makes the load waited for a processor', async (t) => {
  const clock = new FakeClock();
  let cpuWaitUs = 5e6;
  const source = {
    read: (): HostCounters => ({
      processCpuUs: 0,
      processMemoryBytes: 1e6,
      cpuWaitUs,
      hostCpu: { busyUs: 0, cores: 2 },
      hostMemory: { totalBytes: 4e9, availableBytes: 1e9 },
    }),
    close: () => {},
  };
  const monitor = new HostMonitor(clock, source);
  const shareAfter = async (waitedUs: number) => {
    cpuWaitUs += waitedUs;
    await clock.advance(1e6);
    return monitor.take(0).cpuWaitShare;
  };
  t.equal(await shareAfter(250_000), 0.25, 'not what was before the first window');
  t.equal(await shareAfter(0), 0);
  t.equal(await shareAfter(3e6), 1, 'never more than all of the time');
  t.equal(await shareAfter(-1e6), 0);
  monitor.stop();
  t.equal(parseCpuWait('175833 1188085000 46\n'), 1_188_085);
  t.equal(parseCpuWait(''), 0, 'a kernel that does not count it');
});
