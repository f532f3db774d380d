import type { Goal } from '../ratios.ts';

/** The same work for every generator: a closed loop over so many connections. */
export interface HttpLoad {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** JSON; undefined for GET. */
  readonly body: string | undefined;
  readonly connections: number;
  readonly seconds: number;
}

export interface PeerCommand {
  readonly args: readonly string[];
  /** Text by name, put into the folder that the peer runs in. */
  readonly files?: Readonly<Record<string, string>>;
}

/** What a generator says of its run. */
export interface GeneratorReport {
  readonly requests: number;
  /** Requests that got no answer, or one that is no success. */
  readonly failures: number;
  /** undefined where it does not tell. */
  readonly p50Us: number | undefined;
  readonly p99Us: number | undefined;
}

/** Another load generator. */
export interface Peer {
  readonly name: string;
  /** The program on PATH. */
  readonly program: string;
  /** Makes the program tell its version; undefined where it does not. */
  readonly versionFlag: string | undefined;
  /** What our ratio to it is to be, by unit. */
  readonly goals: Readonly<Record<string, Goal>>;
  command(load: HttpLoad): PeerCommand;
  /** @throws {BenchmarkError} when the output is not what it used to be */
  read(stdout: string): GeneratorReport;
}

export const JSON_TYPE = 'application/json';
