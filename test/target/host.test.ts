import t from 'tap';
import { parseCpu, parseDiskIo, parseMemory, parseNetwork, readHost } from '../../target/host.ts';
import { busyShare } from '../../target/system.ts';

t.test('/proc/stat: busy time leaves out idle and iowait, and counts guests once', async (t) => {
  t.strictSame(parseCpu('cpu  100 20 30 400 50 6 7 8 90 9\ncpu0 1 1 1 1\ncpu1 1 1 1 1\n'), {
    busySeconds: 1.71,
    cores: 2,
  });
  t.equal(parseCpu(''), undefined);
});

t.test('/proc/meminfo', async (t) => {
  const text = 'MemTotal:       16000 kB\nMemFree:         1000 kB\nMemAvailable:    9000 kB\n';
  t.strictSame(parseMemory(text), { totalBytes: 16_384_000, availableBytes: 9_216_000 });
  t.equal(parseMemory('MemTotal: 16000 kB\n'), undefined);
});

t.test('/proc/diskstats: whole disks only', async (t) => {
  const text = [
    ' 253       0 vda 1 2 10 3 4 5 20 6 7 8 9',
    ' 253       1 vda1 1 2 10 3 4 5 20 6 7 8 9',
    ' 259       0 nvme0n1 1 2 100 3 4 5 200 6 7 8 9',
    ' 259       1 nvme0n1p1 1 2 100 3 4 5 200 6 7 8 9',
    '   7       0 loop0 1 2 999 3 4 5 999 6 7 8 9',
  ].join('\n');
  t.strictSame(parseDiskIo(text), { readBytes: 110 * 512, writtenBytes: 220 * 512 });
});

t.test('/proc/net/dev: all interfaces, also where no space follows the colon', async (t) => {
  const text = [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs',
    '    lo: 1000 1 0 0 0 0 0 0 2000 1 0 0 0 0 0 0',
    '  eth0:30 1 0 0 0 0 0 0 40 1 0 0 0 0 0 0',
  ].join('\n');
  t.strictSame(parseNetwork(text), { receivedBytes: 1030, sentBytes: 2040 });
});

t.test('this host can be read', async (t) => {
  const host = await readHost('.');
  t.ok(host.cpu.busySeconds > 0 && host.cpu.cores > 0);
  t.ok(host.memory.totalBytes >= host.memory.availableBytes);
  t.ok((host.disk?.totalBytes ?? 0) > 0);
});

t.test('the share of the processors is what they were busy, whatever the idle counters say', async (t) => {
  const host = await readHost('.');
  // As recorded on a virtual host with two cores: idle stands still for seconds, and then jumps.
  const stats = [
    'cpu  302898 0 62845 240277 0 0 0 0 0 0',
    'cpu  302978 0 62865 240277 0 0 0 0 0 0',
    'cpu  303058 0 62885 240577 0 0 0 0 0 0',
  ];
  const readings = stats.map((line, second) => {
    const cpu = parseCpu(`${line}\ncpu0 1\ncpu1 1\n`);
    return { atMs: second * 1000, host: { ...host, cpu: cpu ?? host.cpu }, processCpuSeconds: 0 };
  });
  const [first, second, third] = readings as [(typeof readings)[0], (typeof readings)[0], (typeof readings)[0]];
  const share = (from: typeof first, to: typeof first) => Math.round((busyShare(from, to) ?? -1) * 1e6) / 1e6;
  t.equal(share(first, second), 0.5);
  t.equal(share(first, third), 0.5);
  t.equal(share(third, { ...first, atMs: 3000 }), 0, 'a counter that stepped back');
  t.equal(share(first, { ...third, atMs: 100 }), 1, 'never more than all cores');
  t.equal(busyShare(first, first), undefined);
});
