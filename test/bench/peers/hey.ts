import { printedNumber } from './output.ts';
import { JSON_TYPE, type Peer } from './peer.ts';

export const hey: Peer = {
  name: 'hey',
  program: 'hey',
  versionFlag: undefined,
  goals: {},
  command: ({ url, body, connections, seconds }) => ({
    args: [
      ...['-c', `${connections}`, '-z', `${seconds}s`, '-cpus', '1'],
      ...(body === undefined ? [] : ['-m', 'POST', '-T', JSON_TYPE, '-d', body]),
      url,
    ],
  }),
  read(stdout) {
    let requests = 0;
    let failures = 0;
    for (const [, status, count] of stdout.matchAll(/^ +\[(\d{3})\]\t(\d+) responses$/gm)) {
      requests += Number(count);
      if (!status?.startsWith('2')) failures += Number(count);
    }
    const [, errors = ''] = stdout.split('Error distribution:');
    for (const [, count] of errors.matchAll(/^ +\[(\d+)\]\t/gm)) failures += Number(count);
    // Some builds print the percent sign twice.
    const seconds = (percent: string) =>
      printedNumber(stdout, new RegExp(`^ +${percent}%+ in ([\\d.]+) secs`, 'm'), 'hey');
    return { requests, failures, p50Us: seconds('50') * 1e6, p99Us: seconds('99') * 1e6 };
  },
};
