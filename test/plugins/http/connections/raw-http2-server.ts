import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

const PREFACE_BYTES = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'.length;
const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const GOAWAY = 7;
const WINDOW_UPDATE = 8;
const CONTINUATION = 9;
const END_STREAM = 1;
const ACK = 1;
const END_HEADERS = 4;
/** Of a connection, until the client widens it (RFC 9113, 6.9.2). */
const FIRST_WINDOW = 65_535;
/** `:status: 200` as an entry of the static table of HPACK (RFC 7541, appendix A). */
const STATUS_200 = Buffer.from([0x88]);

/** Error codes of RFC 9113, 7. */
export const NO_ERROR = 0;
export const INTERNAL_ERROR = 2;
export const REFUSED_STREAM = 7;
export const ENHANCE_YOUR_CALM = 11;

/** A request as it came in. */
export interface RawHttp2Request {
  readonly stream: number;
  /** From 0, over all connections. */
  readonly index: number;
  /** From 0, in the order of arrival. */
  readonly connection: number;
  readonly socket: Socket;
  /** How many bytes of bodies the client has allowed so far for all streams of the connection together. */
  readonly window: number;
}

export interface RawHttp2Server {
  readonly url: string;
  /** Stream ids and connections of the requests so far. */
  readonly requests: readonly RawHttp2Request[];
  stop(): Promise<void>;
}

/** A server on frames (RFC 9113): calls `answer` for each HEADERS frame; what is written to the socket is its own affair. */
export async function startRawHttp2Server(answer: (request: RawHttp2Request) => void): Promise<RawHttp2Server> {
  const sockets = new Set<Socket>();
  const requests: RawHttp2Request[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    const connection = connections++;
    let pending = Buffer.alloc(0);
    let skipped = false;
    let window = FIRST_WINDOW;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.write(frame(SETTINGS, 0, 0, Buffer.alloc(0)));
    socket.on('data', (bytes: Buffer) => {
      pending = Buffer.concat([pending, bytes]);
      if (!skipped) {
        if (pending.length < PREFACE_BYTES) return;
        skipped = true;
        pending = pending.subarray(PREFACE_BYTES);
      }
      while (pending.length >= 9 && pending.length >= 9 + pending.readUIntBE(0, 3)) {
        const type = pending[3];
        const flags = pending[4] as number;
        const stream = pending.readUInt32BE(5);
        if (type === WINDOW_UPDATE && stream === 0) window += pending.readUInt32BE(9);
        pending = pending.subarray(9 + pending.readUIntBE(0, 3));
        if (type === SETTINGS && (flags & ACK) === 0) socket.write(frame(SETTINGS, ACK, 0, Buffer.alloc(0)));
        if (type !== HEADERS) continue;
        const request = { stream, index: requests.length, connection, socket, window };
        requests.push(request);
        answer(request);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Status 200 with this body. */
export function okFrames(stream: number, body = 'ok'): Buffer {
  return Buffer.concat([headFrame(stream), lastDataFrame(stream, body)]);
}

/** The head of an answer with status 200. */
export function headFrame(stream: number): Buffer {
  return frame(HEADERS, END_HEADERS, stream, STATUS_200);
}

/** A head or trailers, as literals that are not indexed (RFC 7541, 6.2.2). */
export function headersFrame(stream: number, fields: Readonly<Record<string, string>>, ends = false): Buffer {
  return frame(HEADERS, END_HEADERS | (ends ? END_STREAM : 0), stream, headerBlock(fields));
}

/** The beginning of a head that goes on in frames of the type CONTINUATION. */
export function openHeadersFrame(stream: number, fields: Readonly<Record<string, string>>): Buffer {
  return frame(HEADERS, 0, stream, headerBlock(fields));
}

/** More of a head, which goes on again. */
export function continuationFrame(stream: number, fields: Readonly<Record<string, string>>): Buffer {
  return frame(CONTINUATION, 0, stream, headerBlock(fields));
}

/** Bytes of a body. */
export function bytesFrame(stream: number, bytes: Buffer): Buffer {
  return frame(DATA, 0, stream, bytes);
}

/** Body bytes, without the end of the stream. */
export function dataFrame(stream: number, body: string): Buffer {
  return frame(DATA, 0, stream, Buffer.from(body));
}

/** Body bytes, and the end of the stream. */
export function lastDataFrame(stream: number, body: string): Buffer {
  return frame(DATA, END_STREAM, stream, Buffer.from(body));
}

export function resetFrame(stream: number, code: number): Buffer {
  return frame(RST_STREAM, 0, stream, uint32(code));
}

/** @param lastStream the highest stream that the server may have processed */
export function goawayFrame(lastStream: number, code: number): Buffer {
  return frame(GOAWAY, 0, 0, Buffer.concat([uint32(lastStream), uint32(code)]));
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function headerBlock(fields: Readonly<Record<string, string>>): Buffer {
  const parts = Object.entries(fields).flatMap(([name, value]) => [Buffer.of(0), literal(name), literal(value)]);
  return Buffer.concat(parts);
}

/** @param text of at most 126 bytes */
function literal(text: string): Buffer {
  return Buffer.concat([Buffer.of(text.length), Buffer.from(text)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
