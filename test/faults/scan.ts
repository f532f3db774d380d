/** `node scan.ts <host> <port>`: what somebody without a certificate gets to see of a control, as JSON. */
import { connect } from 'node:net';
import process from 'node:process';
import * as grpc from '@grpc/grpc-js';
import { NAME_FOR_ADDRESSES, unverifiedCredentials } from '../../proto/adapter.ts';
import { AgentService } from '../../proto/gen/bench/v1/agent_pb.ts';
import { EnrollService } from '../../proto/gen/bench/v1/enroll_pb.ts';
import { RunService } from '../../proto/gen/bench/v1/run_pb.ts';

export interface Scan {
  readonly openPorts: readonly number[];
  /** Bytes that come back without TLS. */
  readonly plain: Readonly<Record<string, number>>;
  /** By path: the status, and how many messages came before it. */
  readonly withoutTls: Readonly<Record<string, string>>;
  readonly withoutCertificate: Readonly<Record<string, string>>;
}

const CONNECTING_AT_ONCE = 500;
const PATHS = [
  ...[AgentService, RunService, EnrollService].flatMap((service) =>
    service.methods.map(({ name }) => `/${service.typeName}/${name}`),
  ),
  '/grpc.health.v1.Health/Check',
  '/grpc.health.v1.Health/Watch',
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
  '/bench.v1.Nothing/AtAll',
];

async function openPorts(host: string): Promise<number[]> {
  const open: number[] = [];
  let next = 1;
  const look = (port: number) =>
    new Promise<void>((resolve) => {
      const socket = connect(port, host, () => {
        open.push(port);
        socket.destroy();
      });
      socket.on('error', () => {}).on('close', () => resolve());
    });
  const worker = async () => {
    while (next < 65_536) await look(next++);
  };
  await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, worker));
  return open;
}

function answerTo(bytes: string, host: string, port: number): Promise<number> {
  return new Promise((resolve) => {
    let received = 0;
    const socket = connect(port, host, () => socket.write(bytes));
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('data', (data) => {
      received += data.length;
    });
    socket.on('error', () => {}).on('close', () => resolve(received));
  });
}

async function calls(address: string, credentials: grpc.ChannelCredentials): Promise<Record<string, string>> {
  const client = new grpc.Client(address, credentials, { 'grpc.ssl_target_name_override': NAME_FOR_ADDRESSES });
  const pass = (bytes: Buffer) => bytes;
  const results: Record<string, string> = {};
  for (const path of PATHS) {
    results[path] = await new Promise((resolve) => {
      let messages = 0;
      const call = client.makeBidiStreamRequest(path, pass, pass, { deadline: Date.now() + 5000 });
      call.on('data', () => {
        messages++;
      });
      call.on('error', () => {});
      call.on('status', ({ code }: grpc.StatusObject) => resolve(`${grpc.status[code]} ${messages}`));
      call.end(Buffer.alloc(0));
    });
  }
  client.close();
  return results;
}

const [host = '', port = ''] = process.argv.slice(2);
const scan: Scan = {
  openPorts: await openPorts(host),
  plain: {
    nothing: await answerTo('', host, Number(port)),
    'HTTP/1.1': await answerTo('GET / HTTP/1.1\r\nHost: x\r\n\r\n', host, Number(port)),
    'HTTP/2': await answerTo('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', host, Number(port)),
  },
  withoutTls: await calls(`${host}:${port}`, grpc.credentials.createInsecure()),
  withoutCertificate: await calls(`${host}:${port}`, unverifiedCredentials()),
};
process.stdout.write(JSON.stringify(scan));
