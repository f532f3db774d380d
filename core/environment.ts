import { readFileSync } from 'node:fs';
import { arch, cpus, hostname, platform, release, totalmem } from 'node:os';
import { resolve } from 'node:path';
import process from 'node:process';
import { ANY_FILE, readSecretFile, type SecretFiles } from './secret-files.ts';
import { type Lookup, lookupIn, UnresolvedReference } from './secrets/reference.ts';
import type { Environment } from './stats/result.ts';

/** Names this host and its boot: after the next boot, its process ids mean other processes. */
export const thisHost = `${hostname()} ${bootId()}`.trim();

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
 * @param allowed which files and variables may be named
 */
export function processLookup(folder: string, allowed: SecretFiles = ANY_FILE): Lookup {
  const lookup = lookupIn(process.env, (path) => readSecretFile(resolve(folder, path), allowed));
  const { variablePrefix: prefix = '' } = allowed;
  return (reference) => {
    if (reference.kind === 'file' || reference.name.startsWith(prefix)) return lookup(reference);
    throw new UnresolvedReference(
      `${reference.text} has no value: plans may name only variables that begin with ${prefix} here; start this process with --secrets to name another beginning`,
    );
  };
}

/** Identifies the host's present boot; empty where the system does not tell, as on macOS. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
