import type { Socket } from 'node:net';
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2';
import type { Connection as PromiseConnection } from 'mysql2/promise';
import { BenchError } from '../error.ts';

/** What the guard uses of mysql2's connection (`lib/base/connection.js`). */
interface GuardedConnection {
  /** Replaced where TLS begins. */
  readonly stream: Socket;
  packetParser: { execute(chunk: Buffer): void };
  /** Called with each packet of the server, and without one to begin a command. */
  handlePacket(packet?: ServerPacket): void;
  /** Which the server is to answer. */
  readonly _command?: object | null;
  /** Whether packets are kept for later; then they are handled again. */
  readonly _paused: boolean;
  /** The number of the next packet. */
  sequenceId: number;
  close(): void;
  on(event: 'error', listener: () => void): void;
}

interface ServerPacket {
  readonly sequenceId: number;
  isError(): boolean;
}

/** Code of the error of an answer that is larger than whoever connects wants to keep in memory. */
export const ANSWER_TOO_LARGE = 'answer_too_large';
/** Code of the error of a server that is connected, and says nothing for longer than whoever has asked wants to wait. */
export const SERVER_SILENT = 'server_silent';

/**
 * Keeps a server that breaks the protocol from ending the process: mysql2 throws out of an event for an error packet that is
 * cut short and that no command waits for, and emits errors to which nobody listens. Such a connection is cut off like one
 * that was lost. A connection that is given up is closed whether or not the server closes it too. What mysql2 has to say of all
 * that on the console, nobody who runs bench can use: the error of the connection is told in our words.
 *
 * @param connection of mysql2, as it made it
 * @param maxAnswerBytes how much mysql2, which keeps all rows of an answer and all parts of a packet, may get; default: any
 */
export function guardConnection(connection: object, maxAnswerBytes?: number): void {
  const guarded = connection as GuardedConnection;
  const { handlePacket, close } = guarded;
  guarded.handlePacket = (packet) => {
    const { trace } = console;
    console.trace = () => {};
    try {
      if (packet !== undefined) checkOrder(guarded, packet);
      handlePacket.call(guarded, packet);
    } catch (error) {
      guarded.stream.destroy(error as Error);
    } finally {
      console.trace = trace;
    }
  };
  guarded.close = () => {
    close.call(guarded);
    guarded.stream.destroySoon();
  };
  guarded.on('error', () => {});
  if (maxAnswerBytes !== undefined) limitAnswers(guarded, maxAnswerBytes);
}

/** Takes nothing for an answer that is none to what was asked; mysql2 only complains. @throws {Error} */
function checkOrder(connection: GuardedConnection, packet: ServerPacket): void {
  const isExpected = !connection._command || connection._paused || packet.sequenceId === connection.sequenceId;
  if (isExpected) return;
  if (!packet.isError()) throw new Error('packets come out of order');
  // An error that the server tells by itself, such as its end, has a number of its own.
  connection.sequenceId = packet.sequenceId;
}

/** Cuts the connection off when the answer to what is under way is larger. */
function limitAnswers(connection: GuardedConnection, maxBytes: number): void {
  const { packetParser } = connection;
  let bytes = 0;
  const execute = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) packetParser.execute(chunk);
    else connection.stream.destroy(new BenchError(ANSWER_TOO_LARGE, `the answer has more than ${maxBytes >> 20} MiB`));
    if (!connection._command) bytes = 0;
  };
  connection.packetParser = { execute };
}

/** Connects; the result of that comes with `connect`, as mysql2 has it. */
export function createGuardedConnection(options: ConnectionOptions, maxAnswerBytes?: number): Connection {
  const connection = createConnection(options);
  guardConnection(connection, maxAnswerBytes);
  return connection;
}

/** Connects, and resolves once it is connected. @throws what mysql2 throws */
export async function openConnection(options: ConnectionOptions, maxAnswerBytes?: number): Promise<PromiseConnection> {
  const connection = createGuardedConnection(options, maxAnswerBytes);
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  return connection.promise();
}

/** Ends the connection once nothing has come or gone on it for this long. What is under way fails with {@link SERVER_SILENT}. */
export function limitSilence(connection: PromiseConnection, limitMs: number): void {
  const { stream } = (connection as unknown as { readonly connection: GuardedConnection }).connection;
  const message = `the server has not answered for ${limitMs / 1000} s`;
  stream.setTimeout(limitMs, () => stream.destroy(new BenchError(SERVER_SILENT, message)));
}
