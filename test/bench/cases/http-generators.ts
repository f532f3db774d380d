import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlanInput } from '../../../core/plan/schema.ts';
import { BenchmarkError } from '../benchmark-error.ts';
import { findProgram, type Placement } from '../machine.ts';
import { observe } from '../measure/observe.ts';
import { peakMemoryBytes, type Sample, steadyLoad } from '../measure/steady.ts';
import type { GeneratorReport, HttpLoad, Peer } from '../peers/peer.ts';
import { Product } from '../product.ts';
import { measured } from '../result-figures.ts';
import type { Runtime } from '../runtimes.ts';
import type { LoadedServer } from '../servers/server.ts';
import { StartedProcess } from '../started-process.ts';

/** What one run of one generator came to, by unit; what could not be measured is left out. */
export type Measured = Readonly<Partial<Record<Unit, number>>>;

export const UNITS = ['requests/s', 'CPU µs/request', 'p50 ms', 'p99 ms', 'peak memory MB'] as const;
export type Unit = (typeof UNITS)[number];

/** A way to put the load on the server once. */
export type Generator = (load: HttpLoad, server: LoadedServer) => Promise<Measured>;

/** @throws {BenchmarkError} when the peer fails, or some of its requests do */
export function peerGenerator(peer: Peer, placement: Placement, folder: string): Generator {
  return async (load, server) => {
    const home = await mkdtemp(join(folder, `${peer.program}-`));
    const { args, files = {} } = peer.command(load);
    for (const [name, text] of Object.entries(files)) await writeFile(join(home, name), text);
    const started = await StartedProcess.start({
      command: findProgram(peer.program) ?? peer.program,
      args,
      cores: placement.generator,
      folder: home,
    });
    const samples = await observe(started.pid, server, started.ended);
    const { code, stdout, stderr } = await started.ended;
    if (code !== 0 && stdout === '') throw new BenchmarkError(`${peer.name} ended with code ${code}: ${stderr.trim()}`);
    return figures(peer.name, peer.read(stdout), samples);
  };
}

/**
 * A fresh agent each time, as the peers start afresh too.
 * @param plan that puts the load on the server
 */
export function ourGenerator(
  runtime: Runtime,
  placement: Placement,
  folder: string,
  plan: (load: HttpLoad) => PlanInput = planOf,
): Generator {
  return async (load, server) => {
    const product = await Product.start(runtime, placement, folder);
    try {
      const run = product.run(plan(load));
      const samples = await observe(product.agentPid, server, run);
      const { requests, errors, exampleOfError, times } = measured(await run);
      if (errors > 0) throw new BenchmarkError(`${errors} of our requests failed, such as: ${exampleOfError}`);
      const responseTime = times('responseTime');
      const report = {
        requests,
        failures: errors,
        p50Us: responseTime.valueAtQuantileUs(0.5),
        p99Us: responseTime.valueAtQuantileUs(0.99),
      };
      return figures('bench', report, samples);
    } finally {
      await product.end();
    }
  };
}

/** GET with checks of status and body, or uploads with a value of their own each; both drawn from a weighted mix. */
function planOf({ url, method, connections, seconds }: HttpLoad): PlanInput {
  const { origin, pathname } = new URL(url);
  const driver = method === 'GET' ? 'health' : 'http-upload';
  return {
    name: `Closed loop of ${method}`,
    target: origin,
    drivers: { [driver]: { options: { path: pathname } } },
    scenarios: {
      loop: {
        executor: 'constant-vus',
        vus: connections,
        duration: `${seconds}s`,
        gracefulStop: '5s',
        operations: [{ driver, weight: 10 }],
      },
    },
  };
}

function figures(
  name: string,
  { requests, failures, p50Us, p99Us }: GeneratorReport,
  samples: readonly Sample[],
): Measured {
  if (failures > 0) throw new BenchmarkError(`${failures} of ${requests} requests of ${name} failed`);
  const steady = steadyLoad(samples);
  if (steady === undefined) throw new BenchmarkError(`no request of ${name} reached the server`);
  const peakBytes = peakMemoryBytes(samples);
  return {
    'requests/s': steady.requestsPerSecond,
    ...(steady.cpuUsPerRequest === undefined ? {} : { 'CPU µs/request': steady.cpuUsPerRequest }),
    ...(p50Us === undefined ? {} : { 'p50 ms': p50Us / 1000 }),
    ...(p99Us === undefined ? {} : { 'p99 ms': p99Us / 1000 }),
    ...(peakBytes === undefined ? {} : { 'peak memory MB': peakBytes / 1e6 }),
  };
}
