import { printedJson } from './output.ts';
import { JSON_TYPE, type Peer } from './peer.ts';

interface Printed {
  readonly requests: { readonly total: number };
  readonly errors: number;
  readonly timeouts: number;
  readonly non2xx: number;
  /** Milliseconds, which autocannon rounds. */
  readonly latency: { readonly p50: number; readonly p99: number };
}

export const autocannon: Peer = {
  name: 'autocannon',
  program: 'autocannon',
  versionFlag: '--version',
  goals: { 'requests/s': { atLeast: 1.1 } },
  command: ({ url, body, connections, seconds }) => ({
    args: [
      ...['--connections', `${connections}`, '--duration', `${seconds}`, '--json', '--no-progress'],
      ...(body === undefined ? [] : ['--method', 'POST', '--headers', `Content-Type=${JSON_TYPE}`, '--body', body]),
      url,
    ],
  }),
  read(stdout) {
    const { requests, errors, timeouts, non2xx, latency } = printedJson(stdout, 'autocannon') as Printed;
    return {
      requests: requests.total,
      failures: errors + timeouts + non2xx,
      p50Us: latency.p50 * 1000,
      p99Us: latency.p99 * 1000,
    };
  },
};
