import t from 'tap';
import { type HostLimits, preflight, readHostLimits } from '../../../agents/host/preflight.ts';

const ROOMY: HostLimits = {
  openFiles: 1_048_576,
  openFilesHard: 1_048_576,
  ephemeralPorts: [32_768, 60_999],
  timeWaitReuse: 2,
  availableMemoryBytes: 8e9,
  cores: 2,
};

function complaints(limits: HostLimits, sessions: number): Record<string, string> {
  return Object.fromEntries(
    preflight(limits, { sessions }).flatMap(({ name, ok, text }) => (ok ? [] : [[name, text]])),
  );
}

t.test('a host with room has nothing to mend', async (t) => {
  t.same(complaints(ROOMY, 10_000), {});
});

t.test('each limit that is too low is told with the command that mends it', async (t) => {
  const tight = { ...ROOMY, openFiles: 1024, openFilesHard: 4096, timeWaitReuse: 0, availableMemoryBytes: 100e6 };
  t.matchOnly(complaints(tight, 50_000), {
    'open files': /1024 allowed, but 50100 are needed .* `ulimit -n 65536` .* hard limit \(4096\)/,
    'ephemeral ports': /28232 .* 50000 sessions .*ip_local_port_range/,
    'time-wait reuse': /tcp_tw_reuse=1/,
    'free memory': /100 MB free, 1150 MB needed/,
  });
});

t.test('what the system does not tell is not judged', async (t) => {
  const silent = { ...ROOMY, openFiles: undefined, ephemeralPorts: undefined, timeWaitReuse: undefined };
  t.same(
    preflight(silent, { sessions: 10 }).map(({ name }) => name),
    ['free memory'],
  );
});

t.test('this host can be looked at', async (t) => {
  const limits = readHostLimits();
  t.ok(limits.availableMemoryBytes > 0);
  t.ok(limits.cores > 0);
});
