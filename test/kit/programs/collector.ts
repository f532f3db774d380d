import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { freePort } from '../../../core/cli/processes/free-port.ts';
import { endServer, startServer } from './server-process.ts';

const BUILT = fileURLToPath(new URL('../../../node_modules/.cache/otelcol/otelcol', import.meta.url));

/** Building one takes Go and minutes, so that no test does it by itself. */
export const NO_COLLECTOR =
  'needs an OpenTelemetry collector: put otelcol on the PATH, or build one with `npm run build:otelcol`, which takes Go and some minutes';

/** A collector from its makers; undefined where there is none. */
export function collectorProgram(): string | undefined {
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'otelcol'));
  return [BUILT, ...onPath].find((path) => existsSync(path));
}

/**
 * A collector for one test, which hands on what it takes.
 * @param to an address that takes OTLP over HTTP
 */
export async function privateCollector(t: Pick<Test, 'teardown' | 'testdir'>, program: string, to: string) {
  const [http, grpc] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: http }, grpc: { endpoint: grpc } } } },
    exporters: { otlphttp: { endpoint: to, compression: 'none' } },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { metrics: { receivers: ['otlp'], exporters: ['otlphttp'] } },
    },
  };
  const file = join(t.testdir({}), 'collector.yaml');
  // YAML takes JSON.
  await writeFile(file, JSON.stringify(config));
  const server = await startServer([program, `--config=${file}`], /Everything is ready/);
  t.teardown(() => endServer(server));
  return { http: `http://${http}`, grpc: `http://${grpc}` };
}
