import { createServer } from 'node:net';

/** Whether a connection of this host can come from the address. */
export function isLocalAddress(ip: string): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(0, ip, () => server.close(() => resolve(true)));
  });
}
