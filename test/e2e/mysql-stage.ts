import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { freePort } from '../../core/cli/processes/free-port.ts';
import type { PrivateMariadb, PrivateMariadbOptions } from '../../core/cli/processes/private-mariadb.ts';
import type { ErrorKind, RunResult } from '../../core/stats/result.ts';
import { privateMariadb } from '../kit/programs/mariadb.ts';
import { type BenchProcess, workbench } from './bench-process.ts';
import { resultIn } from './busy-host.ts';

/**
 * Both drivers at once on one server: SQL directly, and uploads to a target on the same database.
 * @param thinkTime what happens needs a few hundred writes a second where it is not said
 */
export function bothDriversPlan(seconds: number, users = 10, thinkTime = '60ms'): string {
  const load = `executor: constant-vus, vus: ${users}, duration: ${seconds}s, gracefulStop: 15s, thinkTime: ${thinkTime}`;
  return `name: Faults
drivers:
  mysql-direct:
    options: { url: '\${env:BENCH_MYSQL_URL}', timeout: 10s, connectTimeout: 2s }
  http-upload:
    options: { verify: { db: '\${env:BENCH_MYSQL_URL}' }, timeout: 10s }
scenarios:
  direct: { ${load}, operations: [{ driver: mysql-direct, operation: insert }] }
  devices: { ${load}, operations: [{ driver: http-upload }] }
monitors:
  mysql: { options: { url: '\${env:BENCH_MYSQL_URL}' } }
thresholds:
  - fails == 0
`;
}

export interface FaultStage {
  readonly server: PrivateMariadb;
  readonly target: BenchProcess;
  /** The target's URL. */
  readonly url: string;
  /** Another target like the first, on its port. */
  startTarget(): Promise<BenchProcess>;
  readonly bench: BenchProcess;
  /** Since the run was asked for, which is a while before its load begins. */
  secondsGone(): number;
  ended(): Promise<FaultRun>;
}

export interface FaultRun {
  readonly code: number | null;
  readonly result: RunResult;
  readonly stdout: string;
  readonly stderr: string;
  readonly report: string;
  /** Failures of an operation by kind, measured phase. */
  failures(operation: 'insert' | 'upload'): readonly ErrorKind[];
}

/** A server, a target on it and a run that is under way. */
export async function faultStage(t: Test, plan: string, options: PrivateMariadbOptions = {}): Promise<FaultStage> {
  const server = await privateMariadb(t, options);
  const { folder, start } = workbench(t, { 'plan.yaml': plan });
  const env = { BENCH_MYSQL_URL: server.url };
  const port = String(await freePort());
  const serve = async (): Promise<[BenchProcess, string]> => {
    const process = start(['target', '--port', port], { env: { BENCH_DB: server.url } });
    const [, url] = await process.said(/^Target on (\S+),/m);
    return [process, url as string];
  };
  const [target, url] = await serve();
  const beganMs = performance.now();
  const bench = start(['run', 'plan.yaml', '--host', url, '--out', 'out'], { env });
  await bench.said(/^running$/m);
  // So that there is something to lose.
  await sleep(1500);
  return {
    server,
    target,
    url,
    bench,
    secondsGone: () => (performance.now() - beganMs) / 1000,
    startTarget: async () => (await serve())[0],
    async ended() {
      const ended = await bench.ended;
      const result = resultIn(`${folder}/out`);
      return {
        ...ended,
        result,
        report: readFileSync(`${folder}/out/report.md`, 'utf8'),
        failures: (operation) =>
          result.operations.find(({ name }) => name === operation)?.phases.measure.errorKinds ?? [],
      };
    },
  };
}
