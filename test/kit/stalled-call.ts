import { once } from 'node:events';
import { type ClientHttp2Stream, connect } from 'node:http2';
import { type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import type { Test } from 'tap';

/** A gRPC call over plain HTTP/2 whose client takes nothing until it is told to: its window is 0. */
export interface StalledCall<Input extends DescMessage> {
  readonly stream: ClientHttp2Stream;
  send(message: MessageShape<Input>): void;
  /** Resolves with HTTP/2's code of why the stream was closed. */
  readonly closed: Promise<number>;
  /** Opens the window, and resolves with all messages when the server has ended the call. */
  read<Output extends DescMessage>(schema: Output): Promise<MessageShape<Output>[]>;
}

/** A message as gRPC frames it: not compressed, four bytes of length. */
function framed(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function messagesIn(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    messages.push(bytes.subarray(at + 5, end));
    at = end;
  }
  return messages;
}

/**
 * @param method such as `bench.v1.RunService/WatchRun`
 * @param token of a control without TLS
 */
export async function stalledCall<Input extends DescMessage>(
  test: Pick<Test, 'teardown'>,
  port: number,
  method: string,
  input: Input,
  token = '',
): Promise<StalledCall<Input>> {
  const session = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 0 } });
  test.teardown(() => session.destroy());
  await once(session, 'remoteSettings');
  const stream = session.request({
    ':method': 'POST',
    ':path': `/${method}`,
    'content-type': 'application/grpc',
    te: 'trailers',
    authorization: `Bearer ${token}`,
  });
  stream.on('error', () => {});
  const closed = new Promise<number>((resolve) => stream.once('close', () => resolve(stream.rstCode ?? 0)));
  return {
    stream,
    send: (message) => void (stream.writable && stream.write(framed(toBinary(input, message)))),
    closed,
    async read(schema) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      session.settings({ initialWindowSize: 1024 * 1024 });
      await once(stream, 'end');
      return messagesIn(Buffer.concat(chunks)).map((bytes) => fromBinary(schema, bytes));
    },
  };
}
