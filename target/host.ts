import { readFile, statfs } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';

/** The host's counters at one instant; undefined where the system does not tell. */
export interface HostReading {
  /**
   * Seconds that all cores together were busy since boot, and how many cores there are. What was idle is not read: on some
   * virtual hosts those counters stand still for seconds and then jump.
   */
  readonly cpu: { readonly busySeconds: number; readonly cores: number };
  readonly memory: { readonly totalBytes: number; readonly availableBytes: number };
  /** Bytes since boot, all whole disks. */
  readonly diskIo: { readonly readBytes: number; readonly writtenBytes: number } | undefined;
  /** Bytes since boot, all interfaces, loopback included. */
  readonly network: { readonly receivedBytes: number; readonly sentBytes: number } | undefined;
  /** The file system that holds the database. */
  readonly disk: { readonly totalBytes: number; readonly freeBytes: number } | undefined;
}

/** Reads /proc on Linux and asks node:os elsewhere; waits for no interval. */
export async function readHost(folder: string): Promise<HostReading> {
  const [stat = '', meminfo = '', diskstats, netDev, disk] = await Promise.all([
    readProc('stat'),
    readProc('meminfo'),
    readProc('diskstats'),
    readProc('net/dev'),
    readDisk(folder),
  ]);
  return {
    cpu: parseCpu(stat) ?? cpuOfOs(),
    memory: parseMemory(meminfo) ?? { totalBytes: totalmem(), availableBytes: freemem() },
    diskIo: diskstats === undefined ? undefined : parseDiskIo(diskstats),
    network: netDev === undefined ? undefined : parseNetwork(netDev),
    disk,
  };
}

async function readProc(name: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  return readFile(`/proc/${name}`, 'utf8').catch(() => undefined);
}

async function readDisk(folder: string): Promise<HostReading['disk']> {
  try {
    const { bsize, blocks, bavail } = await statfs(folder);
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
  } catch {
    return undefined;
  }
}

/** Ticks of /proc/stat per second: USER_HZ, which is 100 on all common architectures (proc_stat(5)). */
const TICKS_PER_SECOND = 100;

/** `cpu user nice system idle iowait irq softirq steal guest guest_nice` (proc_stat(5)); guest time is part of user. */
export function parseCpu(stat: string): HostReading['cpu'] | undefined {
  const line = stat.split('\n', 1)[0] ?? '';
  const cores = stat.match(/^cpu\d/gm)?.length ?? 0;
  if (!line.startsWith('cpu ') || cores === 0) return undefined;
  const [user = 0, nice = 0, system = 0, _idle, _iowait, irq = 0, softirq = 0, steal = 0] = numbersIn(line);
  return { busySeconds: (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND, cores };
}

/** `MemTotal: 24 kB` and so on (proc_meminfo(5)). */
export function parseMemory(meminfo: string): HostReading['memory'] | undefined {
  const total = /^MemTotal:\s+(\d+) kB/m.exec(meminfo)?.[1];
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1];
  if (total === undefined || available === undefined) return undefined;
  return { totalBytes: Number(total) * 1024, availableBytes: Number(available) * 1024 };
}

const WHOLE_DISK = /^(?:[hsv]d[a-z]+|xvd[a-z]+|nvme\d+n\d+|mmcblk\d+)$/;
const SECTOR_BYTES = 512;

/** Fields 3, 6 and 10 of each line: name, sectors read, sectors written (proc_diskstats(5)); partitions are left out. */
export function parseDiskIo(diskstats: string): NonNullable<HostReading['diskIo']> {
  let readSectors = 0;
  let writtenSectors = 0;
  for (const line of diskstats.split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (!WHOLE_DISK.test(fields[2] ?? '')) continue;
    readSectors += Number(fields[5]);
    writtenSectors += Number(fields[9]);
  }
  return { readBytes: readSectors * SECTOR_BYTES, writtenBytes: writtenSectors * SECTOR_BYTES };
}

/** `eth0: received-bytes … sent-bytes …`, the first and the ninth number (proc_pid_net(5)). */
export function parseNetwork(netDev: string): NonNullable<HostReading['network']> {
  let receivedBytes = 0;
  let sentBytes = 0;
  for (const line of netDev.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const numbers = numbersIn(line.slice(colon + 1));
    receivedBytes += numbers[0] ?? 0;
    sentBytes += numbers[8] ?? 0;
  }
  return { receivedBytes, sentBytes };
}

function cpuOfOs(): HostReading['cpu'] {
  const cores = cpus();
  const busyMs = cores.reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
  return { busySeconds: busyMs / 1000, cores: cores.length };
}

function numbersIn(text: string): number[] {
  return (text.match(/\b\d+\b/g) ?? []).map(Number);
}
