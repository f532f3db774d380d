import { availableParallelism, freemem } from 'node:os';
import { openFilesLimit } from '../../core/open-files.ts';
import { parseMemory, readKernelFile } from './linux.ts';

/** What the system allows this process. A field is undefined where the system does not tell. */
export interface HostLimits {
  readonly openFiles: number | undefined;
  readonly openFilesHard: number | undefined;
  /** First and last port that the system may give to a connection. */
  readonly ephemeralPorts: readonly [first: number, last: number] | undefined;
  /** `net.ipv4.tcp_tw_reuse`: 0 off, 1 on, 2 on for loopback only. */
  readonly timeWaitReuse: number | undefined;
  readonly availableMemoryBytes: number;
  readonly cores: number;
}

/** What a run needs of one agent process. */
export interface HostNeeds {
  /** Sessions open at once. */
  readonly sessions: number;
}

/** One check of the host. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** What was found and, when it is not ok, what it means and which command fixes it. */
  readonly text: string;
}

/** Files that a process has open besides its sessions: those of the runtime, and the connection to control. */
const OTHER_FILES = 100;
/** Memory of one session with its socket buffers in this process, measured with 10,000 HTTP sessions. */
const SESSION_BYTES = 20_000;
const BASE_BYTES = 150e6;

/** Reads the limits. Called before any session is opened, because reading them needs descriptors. */
export function readHostLimits(): HostLimits {
  const files = openFilesLimit();
  const ports = readKernelFile('/proc/sys/net/ipv4/ip_local_port_range')?.trim().split(/\s+/).map(Number);
  const reuse = readKernelFile('/proc/sys/net/ipv4/tcp_tw_reuse');
  return {
    openFiles: files?.soft,
    openFilesHard: files?.hard,
    ephemeralPorts: ports?.length === 2 ? [ports[0] as number, ports[1] as number] : undefined,
    timeWaitReuse: reuse === undefined ? undefined : Number(reuse),
    availableMemoryBytes: parseMemory(readKernelFile('/proc/meminfo') ?? '')?.availableBytes ?? freemem(),
    cores: availableParallelism(),
  };
}

/** Compares the host's limits with what a plan needs. Pure. */
export function preflight(limits: HostLimits, { sessions }: HostNeeds): Finding[] {
  const findings: Finding[] = [];
  if (limits.openFiles !== undefined) {
    const needed = sessions + OTHER_FILES;
    const raise = Math.max(65_536, 2 ** Math.ceil(Math.log2(needed)));
    findings.push({
      name: 'open files',
      ok: limits.openFiles >= needed,
      text:
        limits.openFiles >= needed
          ? `${limits.openFiles} allowed, ${needed} needed`
          : `${limits.openFiles} allowed, but ${needed} are needed for ${sessions} sessions: ` +
            `run \`ulimit -n ${raise}\` before starting the agent` +
            ((limits.openFilesHard ?? Number.POSITIVE_INFINITY) < needed
              ? `, after raising the hard limit (${limits.openFilesHard}) in /etc/security/limits.conf`
              : ''),
    });
  }
  if (limits.ephemeralPorts !== undefined) {
    const [first, last] = limits.ephemeralPorts;
    const ports = last - first + 1;
    findings.push({
      name: 'ephemeral ports',
      ok: ports >= sessions,
      text:
        ports >= sessions
          ? `${ports} (${first}–${last}), ${sessions} needed for one target address`
          : `${ports} (${first}–${last}), but ${sessions} sessions to one target address need as many: ` +
            'run `sysctl -w net.ipv4.ip_local_port_range="1024 65535"`, or use more agents',
    });
  }
  if (limits.timeWaitReuse !== undefined) {
    findings.push({
      name: 'time-wait reuse',
      ok: limits.timeWaitReuse !== 0,
      text:
        limits.timeWaitReuse !== 0
          ? `on${limits.timeWaitReuse === 2 ? ' for loopback' : ''}`
          : 'off, so a closed connection keeps its port for 60 s: run `sysctl -w net.ipv4.tcp_tw_reuse=1`',
    });
  }
  const neededBytes = BASE_BYTES + sessions * SESSION_BYTES;
  findings.push({
    name: 'free memory',
    ok: limits.availableMemoryBytes >= neededBytes,
    text:
      `${megabytes(limits.availableMemoryBytes)} free, ${megabytes(neededBytes)} needed` +
      (limits.availableMemoryBytes >= neededBytes ? '' : ': end other processes, or use more agents on other hosts'),
  });
  return findings;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
