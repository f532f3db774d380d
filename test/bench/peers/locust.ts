import { BenchmarkError } from '../benchmark-error.ts';
import { printedJson } from './output.ts';
import { JSON_TYPE, type Peer } from './peer.ts';

interface Entry {
  readonly num_requests: number;
  readonly num_failures: number;
  /** Requests by response time in milliseconds, which Locust rounds. */
  readonly response_times: Readonly<Record<string, number>>;
}

export const locust: Peer = {
  name: 'Locust FastHttpUser',
  program: 'locust',
  versionFlag: '--version',
  goals: { 'requests/s': { atLeast: 15 } },
  command: ({ url, body, connections, seconds }) => {
    const { origin, pathname } = new URL(url);
    const request =
      body === undefined
        ? `self.client.get("${pathname}")`
        : `self.client.post("${pathname}", data='${body}', headers={"Content-Type": "${JSON_TYPE}"})`;
    return {
      args: [
        ...['--headless', '--json', '--skip-log-setup', '--locustfile', 'locustfile.py', '--host', origin],
        ...['--users', `${connections}`, '--spawn-rate', `${connections}`, '--run-time', `${seconds}s`],
        ...['--stop-timeout', '2'],
      ],
      files: {
        'locustfile.py': `from locust import FastHttpUser, constant, task


class Device(FastHttpUser):
    wait_time = constant(0)

    @task
    def send(self):
        ${request}
`,
      },
    };
  },
  read(stdout) {
    const [entry, ...others] = printedJson(stdout, 'Locust') as Entry[];
    if (entry === undefined || others.length > 0) {
      throw new BenchmarkError(`Locust told of ${others.length + (entry ? 1 : 0)} kinds of request, not of one`);
    }
    return {
      requests: entry.num_requests,
      failures: entry.num_failures,
      p50Us: percentileMs(entry.response_times, 0.5) * 1000,
      p99Us: percentileMs(entry.response_times, 0.99) * 1000,
    };
  },
};

function percentileMs(counts: Entry['response_times'], quantile: number): number {
  const rising = Object.entries(counts)
    .map(([ms, count]) => [Number(ms), count] as const)
    .sort(([a], [b]) => a - b);
  const rank = quantile * rising.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [ms, count] of rising) {
    seen += count;
    if (seen >= rank) return ms;
  }
  return 0;
}
