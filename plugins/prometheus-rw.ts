import { z } from 'zod';
import { object } from '../core/plan/fields.ts';
import { defineOutput } from '../core/plugin.ts';
import { HttpPost } from './net/http-post.ts';
import { httpUrl } from './net/http-url.ts';
import { postHeaders } from './net/post-headers.ts';
import { PushedRun } from './series/pushed-run.ts';
import { snappyLiteral, writeRequest } from './series/remote-write.ts';

const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
};

/** https://prometheus.io/docs/specs/prw/remote_write_spec/#retries--backoff */
const isBusy = (status: number) => status === 429 || status >= 500;

const options = object({
  url: httpUrl()
    .refine((url) => (URL.parse(url)?.pathname ?? '') !== '/', {
      error: 'must have the path of its receiver, such as /api/v1/write',
    })
    .describe('Where remote write is received, such as http://prometheus.example:9090/api/v1/write.'),
  headers: postHeaders.optional().describe(`Headers of each request, such as authorization: "Bearer \${env:TOKEN}".`),
  histograms: z
    .enum(['classic', 'native'])
    .default('classic')
    .describe(
      'native: in steps of 2.2 %, where the receiver takes native histograms; classic: with the 16 bounds of the page of control.',
    ),
});

/** Sends the figures of a run to whatever takes Prometheus' remote write 1.0 (https://prometheus.io/docs/specs/prw/remote_write_spec/). */
export default defineOutput<z.output<typeof options>>({
  name: 'prometheus-rw',
  description: "Sends the figures of a run by Prometheus' remote write.",
  options,
  open({ url, headers, histograms }, context) {
    const receiver = new HttpPost(url, { ...headers, ...HEADERS }, isBusy);
    return new PushedRun(context, {
      temporality: 'cumulative',
      async send(push, signal) {
        await receiver.send(snappyLiteral(writeRequest(push, histograms)), signal);
        return undefined;
      },
    });
  },
});
