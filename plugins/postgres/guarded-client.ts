import type { Socket } from 'node:net';
import type { Client } from 'pg';
import { PluginError } from '../../core/plugin.ts';

/** The part of pg's own connection that is used here; its types leave it out. */
interface Wire {
  /** Another one once the connection is encrypted. */
  readonly stream: Socket;
  on(event: 'sslconnect' | 'readyForQuery' | 'authenticationCleartextPassword', listener: () => void): unknown;
}

/** Our statements answer with some rows for each second of a run. pg keeps an answer in memory, however long it says that it is. */
const MAX_ANSWER_BYTES = 64 << 20;
const CLEARTEXT_REFUSED =
  'the server asks for the password in clear text, which others can read on the way: add sslmode=require to the URL, or have the server ask by scram-sha-256';

/**
 * Keeps a client from what whoever answers at its address could do with it: read its password, and fill the memory.
 * @param client that has not connected yet
 */
export function guard(client: Client): void {
  const { connection } = client as unknown as { readonly connection: Wire };
  const { ssl, host } = client;
  const refuse = (reason: string) => connection.stream.destroy(new PluginError(reason));
  // This listener comes before pg's own, which sends the password: a stream that is destroyed takes no more.
  if (!ssl && !host.startsWith('/')) {
    connection.on('authenticationCleartextPassword', () => refuse(CLEARTEXT_REFUSED));
  }
  let received = 0;
  const count = () => {
    connection.stream.on('data', (bytes: Buffer) => {
      received += bytes.length;
      if (received > MAX_ANSWER_BYTES) refuse(`the server answered with more than ${MAX_ANSWER_BYTES >> 20} MiB`);
    });
  };
  if (ssl) connection.on('sslconnect', count);
  else count();
  connection.on('readyForQuery', () => {
    received = 0;
  });
}
