import { createServer, type ServerOpts, type Socket } from 'node:net';
import type { Test } from 'tap';
import fc from '../kit/property.ts';

/** What a test's server does with each packet of a client after its greeting; `number` counts them from 1. */
export type Script = (reply: (payload: Buffer) => void, packet: Buffer, number: number, socket: Socket) => void;

export interface FakeMysql {
  readonly port: number;
  /** Everything that clients have sent. */
  received(): Buffer;
}

export const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
export const EOF = Buffer.from([0xfe, 0, 0, 2, 0]);
const SCRAMBLE = Buffer.from('abcdefghijklmnopqrst');
const CAPABILITIES = 0x0f_ff_f7_ff & ~0x8_00;

/** https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html */
function greeting(method: string): Buffer {
  const numbers = Buffer.alloc(8);
  numbers.writeUInt16LE(CAPABILITIES & 0xffff, 0);
  numbers[2] = 45;
  numbers.writeUInt16LE(2, 3);
  numbers.writeUInt16LE(CAPABILITIES >>> 16, 5);
  numbers[7] = SCRAMBLE.length + 1;
  return Buffer.concat([
    ...[Buffer.from('\x0a8.4.0-fake\0'), Buffer.from([1, 0, 0, 0]), SCRAMBLE.subarray(0, 8), Buffer.from([0])],
    ...[numbers, Buffer.alloc(10), SCRAMBLE.subarray(8), Buffer.from(`\0${method}\0`)],
  ]);
}

/** Asks the client for another login method. */
export function switchTo(method: string): Buffer {
  return Buffer.concat([Buffer.from([0xfe]), Buffer.from(`${method}\0`), SCRAMBLE, Buffer.from([0])]);
}

/** A server without TLS that speaks as much of the protocol as the test says. */
export async function fakeMysql(
  t: Pick<Test, 'teardown'>,
  script: Script,
  method = 'mysql_native_password',
  options: ServerOpts = {},
): Promise<FakeMysql> {
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(options, (socket) => {
    sockets.add(socket);
    let rest = Buffer.alloc(0);
    let number = 0;
    const send = (payload: Buffer, sequence: number) => {
      const header = Buffer.alloc(4);
      header.writeUIntLE(payload.length, 0, 3);
      header[3] = sequence & 0xff;
      socket.write(Buffer.concat([header, payload]));
    };
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readUIntLE(0, 3)) {
        const length = rest.readUIntLE(0, 3);
        let sequence = rest[3] as number;
        const packet = rest.subarray(4, 4 + length);
        rest = rest.subarray(4 + length);
        number += 1;
        script((payload) => send(payload, ++sequence), packet, number, socket);
      }
    });
    send(greeting(method), 0);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as { port: number }).port, received: () => Buffer.concat(chunks) };
}

/** What stands before each payload. */
export function headerOf({ length }: Buffer, sequence: number): Buffer {
  return Buffer.from([length & 0xff, (length >> 8) & 0xff, length >> 16, sequence & 0xff]);
}

/** What a server may send that breaks the protocol: a payload, with a wrong length and number. */
export function anyPacket() {
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    // Error packets that are cut short, and length-encoded numbers of 2, 3 and 8 bytes.
    ...[[0xff], [0xff, 1], [0xfb], [0xfc, 255, 255], [0xfd, 255, 255, 255], [0xfe, ...Array(8).fill(255)]].map(
      (bytes) => fc.constant(Uint8Array.from(bytes)),
    ),
  );
  return fc.record({
    payload,
    lengthBy: fc.integer({ min: -3, max: 3 }),
    sequence: fc.integer({ max: 255, min: 0 }),
  });
}
