import { parseDatabaseUrl } from '../../../core/plan/database-url.ts';
import { printedNumber } from './output.ts';

const ROWS = 1000;

/**
 * Before the step, `prepare`, `run` or `cleanup`.
 * @param url of a MySQL database
 * @param threads each with a connection
 */
export function sysbenchArguments(url: string, threads: number, seconds: number): string[] {
  const { host, port, user, password, database } = parseDatabaseUrl(url);
  return [
    ...['oltp_insert', '--db-driver=mysql', `--mysql-host=${host}`, `--mysql-port=${port}`, `--mysql-user=${user}`],
    ...[`--mysql-password=${password}`, `--mysql-db=${database}`, '--db-ps-mode=auto', '--tables=1'],
    ...[`--table-size=${ROWS}`, `--threads=${threads}`, `--time=${seconds}`, '--percentile=99'],
  ];
}

/** @throws {BenchmarkError} when the output is not what it used to be */
export function readSysbench(stdout: string): { readonly p99Us: number } {
  return { p99Us: printedNumber(stdout, /99th percentile: +([\d.]+)/, 'sysbench') * 1000 };
}
