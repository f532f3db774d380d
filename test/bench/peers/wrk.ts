import { printedDurationUs, printedNumber } from './output.ts';
import { JSON_TYPE, type Peer } from './peer.ts';

export const wrk: Peer = {
  name: 'wrk',
  program: 'wrk',
  versionFlag: '--version',
  goals: { 'requests/s': { atLeast: 0.9 }, 'CPU µs/request': { atMost: 1.3 } },
  command: ({ url, body, connections, seconds }) => ({
    args: [
      ...['--threads', '1', '--connections', `${connections}`, '--duration', `${seconds}s`, '--latency'],
      ...(body === undefined ? [] : ['--script', 'post.lua']),
      url,
    ],
    // Set once, before the load: Lua has no part in the single request.
    files: {
      'post.lua': `wrk.method = "POST"\nwrk.body = ${JSON.stringify(body ?? '')}\nwrk.headers["Content-Type"] = "${JSON_TYPE}"\n`,
    },
  }),
  read(stdout) {
    const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)?.slice(1) ?? [];
    const refused = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0;
    const percentile = (name: string) =>
      printedDurationUs(new RegExp(`^ +${name}% +(\\S+)`, 'm').exec(stdout)?.[1] ?? '');
    return {
      requests: printedNumber(stdout, /(\d+) requests in /, 'wrk'),
      failures: errors.reduce((sum, count) => sum + Number(count), Number(refused)),
      p50Us: percentile('50'),
      p99Us: percentile('99'),
    };
  },
};
