import t from 'tap';
import { parseCpu, parseDiskIo, parseMemory, parseNetwork, readHost } from '../../target/host.ts';

t.test('/proc/stat: busy time leaves out idle and iowait, and counts guests once', async (t) => {
  t.strictSame(parseCpu('cpu  100 20 30 400 50 6 7 8 90 9\ncpu0 1 1 1 1\n'), { busy: 171, total: 621 });
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
  t.ok(host.cpu.total >= host.cpu.busy && host.cpu.busy > 0);
  t.ok(host.memory.totalBytes >= host.memory.availableBytes);
  t.ok((host.disk?.totalBytes ?? 0) > 0);
});
