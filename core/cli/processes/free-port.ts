import { createServer } from 'node:net';

/**
 * Below those that systems give to whoever asks for any (Linux: 32768 and more, see ip(7); others: 49152 and more), so that
 * nobody takes the port by chance before its program does, or while that is started again.
 */
const LOWEST = 10_000;
const HIGHEST = 32_000;

/** For a program that cannot be told to take any port, or is to have one a second time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
