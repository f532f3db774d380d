import { fileURLToPath } from 'node:url';
import { parseDatabaseUrl } from '../../../core/secrets/database-url.ts';
import { printedNumber } from './output.ts';

/** Work that sysbench does beside our inserts. */
export interface SysbenchScript {
  readonly name: string;
  /** Of those that come with sysbench, or a file. */
  readonly script: string;
  readonly flags: readonly string[];
  /** Whether our figures are held against it; otherwise it stands beside them. */
  readonly isAsked: boolean;
}

/** Its own inserts are sent as text, of rows four times as large; so it is also made to do just what ours do. */
export const SYSBENCH_SCRIPTS: readonly SysbenchScript[] = [
  { name: 'sysbench oltp_insert', script: 'oltp_insert', flags: ['--tables=1', '--table-size=1000'], isAsked: true },
  {
    name: 'sysbench, our insert prepared',
    script: fileURLToPath(new URL('./same-insert.lua', import.meta.url)),
    flags: [],
    isAsked: false,
  },
];

export interface SysbenchLoad {
  /** Of a MySQL database. */
  readonly url: string;
  /** Each with a connection. */
  readonly threads: number;
  readonly seconds: number;
}

/** Before the step, `prepare`, `run` or `cleanup`. */
export function sysbenchArguments(
  { script, flags }: SysbenchScript,
  { url, threads, seconds }: SysbenchLoad,
): string[] {
  const { host, port, user, password, database } = parseDatabaseUrl(url);
  return [
    ...[script, '--db-driver=mysql', `--mysql-host=${host}`, `--mysql-port=${port}`, `--mysql-user=${user}`],
    ...[`--mysql-password=${password}`, `--mysql-db=${database}`, `--threads=${threads}`, `--time=${seconds}`],
    ...['--percentile=99', ...flags],
  ];
}

/** @throws {BenchmarkError} when the output is not what it used to be */
export function readSysbench(stdout: string): { readonly p99Us: number } {
  return { p99Us: printedNumber(stdout, /99th percentile: +([\d.]+)/, 'sysbench') * 1000 };
}
