import type { Socket } from 'node:net';
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2';
import type { Connection as PromiseConnection } from 'mysql2/promise';

/** What the guard uses of mysql2's connection (`lib/base/connection.js`). */
interface PacketReader {
  /** Replaced where TLS begins. */
  readonly stream: Socket;
  /** Called with each packet of the server, and without one to begin a command. */
  handlePacket(packet?: object): void;
  close(): void;
  on(event: 'error', listener: () => void): void;
}

/**
 * Keeps a server that breaks the protocol from ending the process: mysql2 throws out of an event for an error packet that is
 * cut short and that no command waits for, and emits errors to which nobody listens. Such a connection is cut off like one
 * that was lost. A connection that is given up is closed whether or not the server closes it too.
 *
 * @param connection of mysql2, as it made it
 */
export function guardConnection(connection: object): void {
  const reader = connection as PacketReader;
  const { handlePacket, close } = reader;
  reader.handlePacket = (packet) => {
    try {
      handlePacket.call(reader, packet);
    } catch (error) {
      reader.stream.destroy(error as Error);
    }
  };
  reader.close = () => {
    close.call(reader);
    reader.stream.destroySoon();
  };
  reader.on('error', () => {});
}

/** Connects; the result of that comes with `connect`, as mysql2 has it. */
export function createGuardedConnection(options: ConnectionOptions): Connection {
  const connection = createConnection(options);
  guardConnection(connection);
  return connection;
}

/** Connects, and resolves once it is connected. @throws what mysql2 throws */
export async function openConnection(options: ConnectionOptions): Promise<PromiseConnection> {
  const connection = createGuardedConnection(options);
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  return connection.promise();
}
