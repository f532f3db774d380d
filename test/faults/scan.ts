/** `node scan.ts <host> <port>`: what somebody without a certificate gets to see of a control, as JSON. */
import { connect } from 'node:net';
import process from 'node:process';
import * as grpc from '@grpc/grpc-js';
import { unverifiedCredentials } from '../../proto/rpc/adapter.ts';
import { type Answer, everyCall } from '../kit/every-call.ts';

export interface Scan {
  readonly openPorts: readonly number[];
  /** Bytes that come back without TLS. */
  readonly plain: Readonly<Record<string, number>>;
  /** By path. */
  readonly withoutTls: Readonly<Record<string, Answer>>;
  readonly withoutCertificate: Readonly<Record<string, Answer>>;
}

const CONNECTING_AT_ONCE = 500;
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

const [host = '', port = ''] = process.argv.slice(2);
const scan: Scan = {
  openPorts: await openPorts(host),
  plain: {
    nothing: await answerTo('', host, Number(port)),
    'HTTP/1.1': await answerTo('GET / HTTP/1.1\r\nHost: x\r\n\r\n', host, Number(port)),
    'HTTP/2': await answerTo('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', host, Number(port)),
  },
  withoutTls: await everyCall(`${host}:${port}`, grpc.credentials.createInsecure()),
  withoutCertificate: await everyCall(`${host}:${port}`, unverifiedCredentials()),
};
process.stdout.write(JSON.stringify(scan));
