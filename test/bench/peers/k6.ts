import { printedJson } from './output.ts';
import { JSON_TYPE, type Peer } from './peer.ts';

interface Metrics {
  readonly http_reqs: { readonly values: { readonly count: number } };
  readonly http_req_failed: { readonly values: { readonly passes: number } };
  readonly http_req_duration: { readonly values: { readonly med: number; readonly 'p(99)': number } };
}

export const k6: Peer = {
  name: 'k6',
  program: 'k6',
  versionFlag: 'version',
  goals: { 'requests/s': { atLeast: 5 } },
  command: ({ url, body, connections, seconds }) => ({
    args: ['run', '--quiet', '--no-usage-report', 'script.js'],
    files: {
      'script.js': `import http from 'k6/http';
export const options = {
  vus: ${connections},
  duration: '${seconds}s',
  discardResponseBodies: true,
  summaryTrendStats: ['med', 'p(99)'],
};
const params = { headers: { 'Content-Type': '${JSON_TYPE}' } };
export default function () {
  ${body === undefined ? `http.get('${url}')` : `http.post('${url}', '${body}', params)`};
}
export function handleSummary(data) {
  return { stdout: JSON.stringify(data.metrics) };
}
`,
    },
  }),
  read(stdout) {
    const metrics = printedJson(stdout, 'k6') as Metrics;
    const { med, 'p(99)': p99 } = metrics.http_req_duration.values;
    return {
      requests: metrics.http_reqs.values.count,
      // A rate's "passes" are its hits: here, failed requests.
      failures: metrics.http_req_failed.values.passes,
      p50Us: med * 1000,
      p99Us: p99 * 1000,
    };
  },
};
