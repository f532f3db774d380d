import { printedNumber } from './output.ts';
import { JSON_TYPE, type Peer } from './peer.ts';

/** On HTTP/1.1, as the others. It tells no percentiles. */
export const h2load: Peer = {
  name: 'h2load',
  program: 'h2load',
  versionFlag: '--version',
  goals: {},
  command: ({ url, body, connections, seconds }) => ({
    args: [
      ...['--h1', '--threads', '1', '--clients', `${connections}`, '--duration', `${seconds}`],
      ...(body === undefined ? [] : ['--data', 'body.json', '--header', `Content-Type: ${JSON_TYPE}`]),
      url,
    ],
    files: { 'body.json': body ?? '' },
  }),
  read(stdout) {
    const count = (pattern: RegExp) => printedNumber(stdout, pattern, 'h2load');
    return {
      requests: count(/^requests: (\d+) total/m),
      // Those that errored are among them.
      failures: count(/(\d+) failed,/),
      p50Us: undefined,
      p99Us: undefined,
    };
  },
};
