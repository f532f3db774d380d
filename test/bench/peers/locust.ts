import { BenchmarkError } from '../benchmark-error.ts';
import { SESSION_PATH } from '../servers/server.ts';
import { printedJson } from './output.ts';
import { type GeneratorReport, type HttpLoad, JSON_TYPE, type Peer, type PeerCommand } from './peer.ts';

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
  command: (load) => {
    const { pathname } = new URL(load.url);
    const request =
      load.body === undefined
        ? `self.client.get("${pathname}")`
        : `self.client.post("${pathname}", data='${load.body}', headers={"Content-Type": "${JSON_TYPE}"})`;
    return commandFor(load, request);
  },
  read,
};

/** The journey that our flow and our script make, request by request. A FastHttpUser keeps cookies without being asked. */
export const locustJourney: Peer = {
  ...locust,
  goals: { 'requests/s': { atLeast: 5 } },
  command: (load) =>
    commandFor(
      load,
      `token = self.client.post("${SESSION_PATH}", json={"user": "shopper"}).json()["data"]["token"]
        signed_in = {"Authorization": f"Bearer {token}"}
        self.client.get("/items?page=1", headers=signed_in)
        self.client.post("/orders", json={"item": 7}, headers=signed_in)`,
    ),
};

/** @param task statements of Python, indented by eight blanks from the second line on */
function commandFor({ url, connections, seconds }: HttpLoad, task: string): PeerCommand {
  return {
    args: [
      ...['--headless', '--json', '--skip-log-setup', '--locustfile', 'locustfile.py', '--host', new URL(url).origin],
      ...['--users', `${connections}`, '--spawn-rate', `${connections}`, '--run-time', `${seconds}s`],
      ...['--stop-timeout', '2'],
    ],
    files: {
      'locustfile.py': `from locust import FastHttpUser, constant, task


class Device(FastHttpUser):
    wait_time = constant(0)

    @task
    def send(self):
        ${task}
`,
    },
  };
}

function read(stdout: string): GeneratorReport {
  const entries = printedJson(stdout, 'Locust') as Entry[];
  if (entries.length === 0) throw new BenchmarkError('Locust told of no request');
  const times: Record<string, number> = {};
  for (const { response_times } of entries) {
    for (const [ms, count] of Object.entries(response_times)) times[ms] = (times[ms] ?? 0) + count;
  }
  return {
    requests: entries.reduce((sum, { num_requests }) => sum + num_requests, 0),
    failures: entries.reduce((sum, { num_failures }) => sum + num_failures, 0),
    p50Us: percentileMs(times, 0.5) * 1000,
    p99Us: percentileMs(times, 0.99) * 1000,
  };
}

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
