import { Metadata, Server, ServerCredentials, type ServiceDefinition, status } from '@grpc/grpc-js';
import type { Test } from 'tap';
import { type Answer, decodedPush, encodedAnswer, type ReceivedPush } from './receiver.ts';

const EXPORT = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
const bytes = (message: Buffer) => message;
const SERVICE: ServiceDefinition = {
  Export: {
    path: EXPORT,
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  },
};

/** A failure that is told when it may come again. */
export const LATER = 'later';

/**
 * As `otlpReceiver`, over gRPC: a number is a status.
 * @param tls certificate and key of the server, in PEM
 */
export async function otlpGrpcReceiver(
  t: Pick<Test, 'teardown'>,
  answers: (Answer | typeof LATER | 'never')[],
  tls?: { readonly certificate: string; readonly key: string },
) {
  const pushes: ReceivedPush[] = [];
  const faults: string[] = [];
  let calls = 0;
  const server = new Server();
  server.addService(SERVICE, {
    Export(call: { request: Buffer; metadata: Metadata }, reply: (error: object | null, answer?: Buffer) => void) {
      calls++;
      const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? {};
      if (answer === 'never') return;
      if (answer === LATER) {
        const metadata = new Metadata();
        metadata.set('grpc-status-details-bin', Buffer.from('\n(type.googleapis.com/google.rpc.RetryInfo'));
        reply({ code: status.RESOURCE_EXHAUSTED, details: 'later', metadata });
      } else if (typeof answer === 'number') {
        reply({ code: answer, details: 'because' });
      } else {
        try {
          pushes.push({ url: EXPORT, headers: call.metadata.getMap() as never, ...decodedPush(call.request) });
          reply(null, encodedAnswer(answer));
        } catch (error) {
          faults.push(String(error));
          reply({ code: status.INVALID_ARGUMENT, details: String(error) });
        }
      }
    },
  });
  const credentials =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [
          { cert_chain: Buffer.from(tls.certificate), private_key: Buffer.from(tls.key) },
        ]);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  t.teardown(() => server.forceShutdown());
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  return { pushes, faults, calls: () => calls, url };
}
