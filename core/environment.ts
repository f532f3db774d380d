import { arch, cpus, hostname, platform, release, totalmem } from 'node:os';
import type { Environment } from './stats/result.ts';

/** Where this process runs. */
export function processEnvironment(): Environment {
  const processors = cpus();
  return {
    host: hostname(),
    os: `${platform()} ${release()} ${arch()}`,
    runtime: runtimeName(),
    cpuModel: processors[0]?.model ?? 'unknown',
    cpus: processors.length,
    memoryBytes: totalmem(),
  };
}

/** Such as `Bun 1.4.5`, `Deno 2.9.5` or `Node 26.10.0`. */
function runtimeName(): string {
  const { bun, deno, node } = process.versions as Record<string, string | undefined>;
  return bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node ${node}`;
}
