import { readFileSync, statSync } from 'node:fs';
import { arch, cpus, hostname, platform, release, totalmem } from 'node:os';
import { resolve } from 'node:path';
import process from 'node:process';
import { type Lookup, lookupIn } from './secrets/reference.ts';
import type { Environment } from './stats/result.ts';

/** A secret is no disk image: what is larger was named by mistake. */
const LARGEST_FILE_BYTES = 1024 * 1024;

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

/**
 * What `${env:NAME}` and `${file:path}` stand for in this process.
 * @param folder that relative paths start in
 */
export function processLookup(folder: string): Lookup {
  return lookupIn(process.env, (path) => {
    const file = resolve(folder, path);
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) throw new Error('there is none');
    if (!found.isFile()) throw new Error('it is no file');
    if (found.size > LARGEST_FILE_BYTES) throw new Error('it has more than 1 MiB');
    return readFileSync(file, 'utf8');
  });
}
