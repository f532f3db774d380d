/**
 * A driver for a server that sends back what it gets over a WebSocket.
 *
 *     bench run examples/websocket-echo.yaml --host ws://127.0.0.1:8080
 *
 * It needs no package: Node, Bun and Deno have the same WebSocket. Each virtual user has one connection, and sends the next
 * message when the one before has come back.
 */
import { defineDriver, type Outcome, PluginError, z } from '@bench/toolkit';

export default defineDriver<{ message: string }>({
  name: 'websocket-echo',
  description: 'Sends a message over a WebSocket, and waits until it comes back.',
  options: z.strictObject({ message: z.string().min(1).default('hello').describe('What is sent.') }),
  operations: () => [{ name: 'echo', type: 'WS' }],

  async open({ message }, { target }) {
    const bytes = Buffer.byteLength(message);
    const outcome = (errorKind: string, text: string, bytesReceived: number): Outcome => {
      return { ok: errorKind === '', errorKind, message: text, status: 0, bytesSent: bytes, bytesReceived };
    };
    // A target that is not there is told before any load is made.
    const first = await opened(target, AbortSignal.timeout(5000)).catch((error: Error) => {
      throw new PluginError(`target ${target} cannot be reached: ${error.message}`);
    });
    first.close();
    return {
      async connect(_user, signal) {
        let socket: WebSocket | undefined = await opened(target, signal).catch(() => undefined);
        return {
          // A failed operation is an outcome and not a throw; the next one connects again.
          async send(_operation, signal) {
            try {
              if (socket?.readyState !== WebSocket.OPEN) socket = await opened(target, signal);
              const answer = next(socket, 'message', signal);
              socket.send(message);
              const { data } = (await answer) as MessageEvent<unknown>;
              if (data !== message)
                return outcome('wrong_echo', `the answer was ${data}`, Buffer.byteLength(`${data}`));
              return outcome('', '', bytes);
            } catch (error) {
              // An answer that comes after all must not be taken for that to the next message.
              socket?.close();
              socket = undefined;
              return outcome(signal.aborted ? 'aborted' : 'connection_failed', (error as Error).message, 0);
            }
          },
          close: () => socket?.close(),
        };
      },
      close: () => {},
    };
  },
});

async function opened(url: string, signal: AbortSignal): Promise<WebSocket> {
  const socket = new WebSocket(url);
  try {
    await next(socket, 'open', signal);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** The next event of this type. Rejects when the connection fails or is closed before it comes, and when the run cuts it off. */
async function next(socket: WebSocket, type: 'open' | 'message', signal: AbortSignal): Promise<Event> {
  signal.throwIfAborted();
  let cut = () => {};
  try {
    return await new Promise<Event>((resolve, reject) => {
      cut = () => reject(new Error('it was cut off'));
      socket[`on${type}`] = resolve;
      socket.onclose = ({ code }) => reject(new Error(`the connection was closed with code ${code}`));
      socket.onerror = (error) =>
        reject(new Error(('message' in error && `${error.message}`) || 'the connection failed'));
      signal.addEventListener('abort', cut);
    });
  } finally {
    signal.removeEventListener('abort', cut);
  }
}
