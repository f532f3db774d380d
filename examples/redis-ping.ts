/**
 * A complete driver: PING to a Redis server over a plain TCP socket.
 *
 *     bench run examples/redis-ping.yaml --host tcp://127.0.0.1:6379
 *
 * A plan names it by its path (`driver: ./redis-ping.ts`). It is opened once in each agent process and connects once for
 * each virtual user. It reports the outcome of each operation; when operations are sent and how long they take is the
 * executor's business.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { defineDriver, type Outcome, PluginError, z } from '@bench/toolkit';

const PING = 'PING\r\n';

export default defineDriver<{ answer: string }>({
  name: 'redis-ping',
  description: 'Sends PING over TCP and checks the answer.',
  options: z.strictObject({ answer: z.string().default('+PONG\r\n') }),
  operations: () => [{ name: 'ping', type: 'TCP' }],

  async open({ answer }, { target }) {
    const first = await dial(target, AbortSignal.timeout(5000)).catch((error: Error) => {
      throw new PluginError(`target ${target} cannot be reached: ${error.message}`);
    });
    first.destroy();
    return {
      async connect(_user, signal) {
        let socket: Socket | undefined = await dial(target, signal).catch(() => undefined);
        return {
          // A failed operation is an outcome and not a throw; the next one connects again.
          async send(_operation, signal): Promise<Outcome> {
            try {
              if (socket === undefined || socket.destroyed) socket = await dial(target, signal);
              socket.write(PING);
              const [received] = (await once(socket, 'data', { signal })) as [Buffer];
              if (received.toString() !== answer) throw new Error(`the answer was ${received}`);
              return outcome('', '', received.length);
            } catch (error) {
              socket?.destroy();
              socket = undefined;
              return outcome(signal.aborted ? 'aborted' : 'ping_failed', (error as Error).message, 0);
            }
          },
          close: () => void socket?.destroy(new Error('the session was closed')),
        };
      },
      close: () => {},
    };
  },
});

async function dial(target: string, signal: AbortSignal): Promise<Socket> {
  const { hostname, port } = new URL(target);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  socket.on('error', () => {});
  // Without this, a send that waits for an answer would not notice that the server has closed the connection.
  socket.once('end', () => socket.destroy(new Error('the server closed the connection')));
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function outcome(errorKind: string, message: string, bytesReceived: number): Outcome {
  return { ok: errorKind === '', errorKind, message, status: 0, bytesSent: PING.length, bytesReceived };
}
