import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../machine.ts';
import { printedJson } from './output.ts';
import type { GeneratorReport, HttpLoad, Peer } from './peer.ts';

/** The search that every generator makes. */
export interface SearchedCollection {
  readonly name: string;
  readonly dim: number;
}

/**
 * Milvus' own client for Python in a program of the benchmark: a thread and a connection for each user, as those of Locust have.
 * @returns undefined where python3 does not find it
 */
export function pymilvusPeer({ name, dim }: SearchedCollection): Peer | undefined {
  const python = findProgram('python3');
  if (python === undefined) return undefined;
  const asked = spawnSync(python, ['-c', 'import pymilvus; print(pymilvus.__version__)'], { encoding: 'utf8' });
  if (asked.status !== 0) return undefined;
  return {
    name: `pymilvus ${asked.stdout.trim()}`,
    program: 'python3',
    versionFlag: undefined,
    goals: { 'CPU µs/request': { atMost: 0.25 } },
    command: ({ url, connections, seconds }: HttpLoad) => ({
      args: [
        fileURLToPath(new URL('./pymilvus-load.py', import.meta.url)),
        ...[new URL(url).host, `${connections}`, `${seconds}`, name, `${dim}`],
      ],
    }),
    read: (stdout) => printedJson(stdout, 'pymilvus') as GeneratorReport,
  };
}
