/**
 * A driver for SQL statements on a PostgreSQL server.
 *
 *     npm install pg
 *     bench run examples/postgres-query.yaml --host 'postgres://user:${env:PGPASSWORD}@127.0.0.1/shop'
 *
 * The package is sent to the agents with the run. Each virtual user has one connection, on which the server prepares a
 * statement when it is sent for the first time.
 */
import { defineDriver, type Outcome, PluginError, z } from '@bench/toolkit';
import pg from 'pg';

const options = z.strictObject({
  statements: z
    .record(
      z.string(),
      z.strictObject({
        sql: z.string().min(1).describe('One statement; $1, $2 and so on stand for the values.'),
        values: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).default([]),
      }),
    )
    .refine((statements) => Object.keys(statements).length > 0, 'must have at least one statement'),
});

export default defineDriver<z.output<typeof options>>({
  name: 'postgres-query',
  description: 'Sends SQL statements to a PostgreSQL server.',
  options,
  operations: ({ statements }) => Object.keys(statements).map((name) => ({ name, type: 'SQL' })),

  async open({ statements }, { target }) {
    // A target that is not there, or a password that is wrong, is told before any load is made.
    const first = await connected(target, AbortSignal.timeout(5000)).catch((error: Error) => {
      throw new PluginError(`the target cannot be used: ${error.message}`);
    });
    await first.end();
    return {
      async connect(_user, signal) {
        let client: pg.Client | undefined = await connected(target, signal).catch(() => undefined);
        return {
          // A failed operation is an outcome and not a throw; after a lost connection, the next one connects again.
          async send(operation, signal) {
            const { sql, values } = statements[operation] as { sql: string; values: unknown[] };
            try {
              client ??= await connected(target, signal);
              const cut = () => void client?.end();
              signal.addEventListener('abort', cut);
              try {
                if (signal.aborted) cut();
                await client.query({ name: operation, text: sql, values });
              } finally {
                signal.removeEventListener('abort', cut);
              }
              return outcome('', '', sql);
            } catch (error) {
              const { code, message } = error as Error & { code?: string };
              // A statement that the server refuses leaves the connection as it was: only such an error has five characters.
              if (code?.length !== 5) {
                void client?.end().catch(() => {});
                client = undefined;
              }
              const kind = code?.length === 5 ? `sqlstate_${code.toLowerCase()}` : 'connection_failed';
              return outcome(signal.aborted ? 'aborted' : kind, message, sql);
            }
          },
          close: () => client?.end(),
        };
      },
      close: () => {},
    };
  },
});

async function connected(connectionString: string, signal: AbortSignal): Promise<pg.Client> {
  signal.throwIfAborted();
  const client = new pg.Client({ connectionString, application_name: 'bench' });
  // A connection that is lost between two statements fails the next one; nobody else has to hear of it.
  client.on('error', () => {});
  const cut = () => void client.end();
  signal.addEventListener('abort', cut);
  try {
    await client.connect();
    return client;
  } finally {
    signal.removeEventListener('abort', cut);
  }
}

function outcome(errorKind: string, message: string, sql: string): Outcome {
  const ok = errorKind === '';
  return { ok, errorKind, message, status: 0, bytesSent: Buffer.byteLength(sql), bytesReceived: 0 };
}
