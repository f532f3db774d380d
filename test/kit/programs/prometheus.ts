import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { freePort } from '../../../core/cli/processes/free-port.ts';
import { programByApt } from './apt.ts';
import { endServer, startServer } from './server-process.ts';

const PLACES = ['/usr/bin/prometheus', '/usr/local/bin/prometheus'];
const NEEDED =
  'This test needs Prometheus: install prometheus, or run the tests as root on Debian (apt then installs it).';

/**
 * A Prometheus for one test, which takes remote write and native histograms.
 * @param page `host:port`, whose /metrics it reads each second
 * @returns its address, such as http://127.0.0.1:9090
 */
export async function privatePrometheus(t: Pick<Test, 'teardown'>, page?: string): Promise<string> {
  const program = await programByApt('prometheus', () => PLACES.find((path) => existsSync(path)), NEEDED);
  const folder = await mkdtemp(join(tmpdir(), 'bench-prometheus-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  const config = join(folder, 'prometheus.yml');
  const job = { job_name: 'bench', static_configs: [{ targets: page === undefined ? [] : [page] }] };
  // YAML takes JSON.
  await writeFile(config, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: [job] }));
  const flags = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--web.enable-remote-write-receiver',
    '--enable-feature=native-histograms',
  ];
  const server = await startServer([program, ...flags], /ready to receive web requests/);
  t.teardown(() => endServer(server));
  return `http://127.0.0.1:${port}`;
}

/** What an expression comes to now, by the labels of each series. */
export async function prometheusQuery(
  address: string,
  expression: string,
): Promise<{ readonly metric: Readonly<Record<string, string>>; readonly value: number }[]> {
  const answer = await fetch(`${address}/api/v1/query?query=${encodeURIComponent(expression)}`);
  const { data } = (await answer.json()) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  return data.result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
}
