import { arch, cpus, hostname, platform, release, totalmem } from 'node:os';
import type { Environment } from '../stats/result.ts';

/** Where control runs. */
export function controlEnvironment(): Environment {
  const processors = cpus();
  const { bun, node } = process.versions as Record<string, string | undefined>;
  return {
    host: hostname(),
    os: `${platform()} ${release()} ${arch()}`,
    runtime: bun ? `Bun ${bun}` : `Node ${node}`,
    cpuModel: processors[0]?.model ?? 'unknown',
    cpus: processors.length,
    memoryBytes: totalmem(),
  };
}
