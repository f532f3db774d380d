/** What a receiver has of a run over gRPC is what its result says; what it refuses is told, and what it may take later comes again. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { status } from '@grpc/grpc-js';
import t from 'tap';
import { createAuthority, issueServer } from '../../../core/control/security/certificates.ts';
import { LATER, otlpGrpcReceiver } from '../../kit/otlp/grpc-receiver.ts';
import { opened, requestsOf, result, secondOf, signal, sumOf } from './stage.ts';

t.test('what is pushed is the result, by the official schema', async (t) => {
  const { pushes, faults, url } = await otlpGrpcReceiver(t, [{}]);
  const output = await opened({ url, protocol: 'grpc', headers: { 'X-Scope-OrgID': 'load' } });
  await output.second(secondOf(4, result), signal);
  await output.end(result, signal);
  await output.close(signal);
  t.same(faults, []);
  t.equal(pushes.length, 2);
  t.match(pushes[0]?.headers, { 'x-scope-orgid': 'load', 'user-agent': /^bench\// });
  for (const name of ['bench.requests', 'bench.response_time']) {
    t.equal(sumOf(pushes[1]?.metrics ?? [], name), requestsOf(result), name);
  }
});

t.test('what may be taken later comes again', async (t) => {
  for (const answer of [status.UNAVAILABLE, status.ABORTED, LATER] as const) {
    const { pushes, url } = await otlpGrpcReceiver(t, [answer, {}]);
    const output = await opened({ url, protocol: 'grpc' });
    await t.rejects(async () => output.end(result, signal), { name: 'PluginError', message: new RegExp(`^${url} `) });
    await output.end(result, signal);
    t.equal(pushes.length, 1);
    await output.close(signal);
  }
});

t.test('what is refused is told once with its reason, and does not come again', async (t) => {
  const partial = { partialSuccess: { rejectedDataPoints: '3', errorMessage: 'too\nold' } };
  for (const [answer, message] of [
    [partial, 'has not taken 3 points: too old'],
    [status.INVALID_ARGUMENT, 'answered INVALID_ARGUMENT: because'],
    [status.UNAUTHENTICATED, 'answered UNAUTHENTICATED: because'],
    [status.RESOURCE_EXHAUSTED, 'answered RESOURCE_EXHAUSTED: because'],
  ] as const) {
    const { calls, url } = await otlpGrpcReceiver(t, [answer]);
    const notes: string[] = [];
    const output = await opened({ url, protocol: 'grpc' }, notes);
    await output.second(secondOf(4, result), signal);
    await output.end(result, signal);
    await output.close(signal);
    t.same(notes, [`${url} ${message}`, '2 of 2 pushes were refused, wholly or in part']);
    t.equal(calls(), 2);
  }
});

t.test('a receiver that is away, hangs, or is no gRPC', async (t) => {
  const away = await opened({ url: 'http://127.0.0.1:1', protocol: 'grpc' });
  await t.rejects(async () => away.end(result, signal), { message: 'http://127.0.0.1:1 cannot be reached' });
  await t.rejects(async () => away.end(result, AbortSignal.abort(new Error('late'))), { message: 'late' });
  await away.close(signal);
  const { url } = await otlpGrpcReceiver(t, ['never']);
  process.env.OTEL_EXPORTER_OTLP_TIMEOUT = '200';
  t.teardown(() => delete process.env.OTEL_EXPORTER_OTLP_TIMEOUT);
  const hung = await opened({ url, protocol: 'grpc' });
  await t.rejects(async () => hung.end(result, signal), { message: `${url} has not answered within 0.2 s` });
  const cut = new AbortController();
  const ending = Promise.resolve(hung.end(result, cut.signal));
  cut.abort(new Error('the run is over'));
  await t.rejects(ending, { message: 'the run is over' });
  await hung.close(signal);
});

t.test('with TLS, what vouches for the receiver is in a file that the standard variable names', async (t) => {
  const authority = await createAuthority(Date.now());
  const { pushes, url } = await otlpGrpcReceiver(t, [{}], await issueServer(authority, ['127.0.0.1'], Date.now()));
  const file = join(t.testdir({}), 'ca.pem');
  writeFileSync(file, authority.certificate);
  t.teardown(() => {
    delete process.env.OTEL_EXPORTER_OTLP_CERTIFICATE;
    delete process.env.OTEL_EXPORTER_OTLP_PROTOCOL;
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  });
  process.env.OTEL_EXPORTER_OTLP_PROTOCOL = 'grpc';
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = url;
  const unknown = await opened({});
  await t.rejects(async () => unknown.end(result, signal), { message: `${url} cannot be reached` });
  await unknown.close(signal);
  process.env.OTEL_EXPORTER_OTLP_CERTIFICATE = file;
  const known = await opened({});
  await known.end(result, signal);
  await known.close(signal);
  t.equal(pushes.length, 1);
  process.env.OTEL_EXPORTER_OTLP_CERTIFICATE = '/nowhere/ca.pem';
  await t.rejects(opened({}), { message: '/nowhere/ca.pem cannot be read' });
  process.env.OTEL_EXPORTER_OTLP_PROTOCOL = 'http/protobuf';
  const notes: string[] = [];
  await opened({}, notes);
  t.match(notes, [/^certificates of OTEL_EXPORTER_OTLP_… count with grpc alone/]);
});
