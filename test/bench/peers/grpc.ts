import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../machine.ts';
import { printedJson } from './output.ts';
import type { GeneratorReport, HttpLoad, Peer } from './peer.ts';

/** The service that is called, without the folder that it lies in here. */
export const HEALTH_PROTO = fileURLToPath(new URL('../../../plans/health.proto', import.meta.url));
export const HEALTH_CHECK = 'grpc.health.v1.Health/Check';

interface GhzReport {
  readonly count: number;
  readonly statusCodeDistribution: Readonly<Record<string, number>>;
  readonly latencyDistribution: readonly { readonly percentage: number; readonly latency: number }[] | null;
}

/** https://ghz.sh, of Go. Calls that are cut off at its end count as UNAVAILABLE or CANCELLED there, not as failures. */
export const ghz: Peer = {
  name: 'ghz',
  program: 'ghz',
  versionFlag: '--version',
  goals: {},
  command: ({ url, connections, seconds }: HttpLoad) => ({
    args: [
      ...['--insecure', '--proto', HEALTH_PROTO, '--call', HEALTH_CHECK, '--data', '{}', '--format', 'json'],
      ...['--concurrency', `${connections}`, '--connections', `${connections}`, '--duration', `${seconds}s`],
      ...['--duration-stop', 'wait', new URL(url).host],
    ],
  }),
  read(stdout): GeneratorReport {
    const { count, statusCodeDistribution, latencyDistribution } = printedJson(stdout, 'ghz') as GhzReport;
    const latency = (percentage: number) => {
      const found = latencyDistribution?.find((one) => one.percentage === percentage);
      return found === undefined ? undefined : found.latency / 1000;
    };
    return {
      requests: count,
      failures: count - (statusCodeDistribution.OK ?? 0),
      p50Us: latency(50),
      p99Us: latency(99),
    };
  },
};

/** Google's library in a program of the benchmark: a thread and a channel for each connection, and bytes as they are. */
export const grpcio: Peer = {
  name: 'Python grpcio',
  program: 'python3',
  versionFlag: undefined,
  goals: {},
  command: ({ url, connections, seconds }: HttpLoad) => ({
    args: [
      fileURLToPath(new URL('./grpcio-load.py', import.meta.url)),
      new URL(url).host,
      `${connections}`,
      `${seconds}`,
    ],
  }),
  read: (stdout) => printedJson(stdout, 'grpcio') as GeneratorReport,
};

/** Those that are here. */
export function grpcPeers(): Peer[] {
  const python = findProgram('python3');
  const hasGrpcio = python !== undefined && spawnSync(python, ['-c', 'import grpc']).status === 0;
  return [...(findProgram('ghz') === undefined ? [] : [ghz]), ...(hasGrpcio ? [grpcio] : [])];
}
