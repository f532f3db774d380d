import { printedJson } from './output.ts';
import { JSON_TYPE, type Peer } from './peer.ts';

interface Printed {
  /** Seconds. */
  readonly latencyPercentiles: { readonly p50: number; readonly p99: number };
  readonly statusCodeDistribution: Readonly<Record<string, number>>;
  readonly errorDistribution: Readonly<Record<string, number>>;
}

/** Requests that were under way when the time was up: oha counts them as errors of this name. */
const CUT_OFF = 'aborted due to deadline';

export const oha: Peer = {
  name: 'oha',
  program: 'oha',
  versionFlag: '--version',
  goals: {},
  command: ({ url, body, connections, seconds }) => ({
    args: [
      ...['--no-tui', '--output-format', 'json', '-c', `${connections}`, '-z', `${seconds}s`],
      ...(body === undefined ? [] : ['-m', 'POST', '-T', JSON_TYPE, '-d', body]),
      url,
    ],
  }),
  read(stdout) {
    const { latencyPercentiles, statusCodeDistribution, errorDistribution } = printedJson(stdout, 'oha') as Printed;
    let requests = 0;
    let failures = 0;
    for (const [status, count] of Object.entries(statusCodeDistribution)) {
      requests += count;
      if (!status.startsWith('2')) failures += count;
    }
    for (const [error, count] of Object.entries(errorDistribution)) if (error !== CUT_OFF) failures += count;
    return { requests, failures, p50Us: latencyPercentiles.p50 * 1e6, p99Us: latencyPercentiles.p99 * 1e6 };
  },
};
