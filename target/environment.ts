import { arch, cpus, hostname, release, totalmem, type } from 'node:os';
import packageJson from '../package.json' with { type: 'json' };

/** What does not change while the target runs. */
export interface Environment {
  readonly version: string;
  /** `bun 1.3.0`, `deno 2.5.0` or `node 22.0.0`. */
  readonly runtime: string;
  /** `Linux 6.1.0 x64`. */
  readonly os: string;
  readonly host: string;
  readonly cpuCount: number;
  readonly cpuModel: string;
  /** Undefined where the system does not tell. */
  readonly cpuFrequencyMhz: number | undefined;
  readonly memoryBytes: number;
  readonly pid: number;
  readonly startedAt: Date;
}

export function readEnvironment(): Environment {
  const cores = cpus();
  return {
    version: packageJson.version,
    runtime: runtimeName(),
    os: `${type()} ${release()} ${arch()}`,
    host: hostname(),
    cpuCount: cores.length,
    cpuModel: cores[0]?.model ?? 'unknown',
    cpuFrequencyMhz: cores[0]?.speed || undefined,
    memoryBytes: totalmem(),
    pid: process.pid,
    startedAt: new Date(),
  };
}

function runtimeName(): string {
  const { bun, deno, node } = process.versions as Record<string, string | undefined>;
  if (bun !== undefined) return `bun ${bun}`;
  return deno === undefined ? `node ${node}` : `deno ${deno}`;
}
