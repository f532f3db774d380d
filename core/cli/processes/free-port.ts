import getPort from 'get-port';

/**
 * Systems give ports above these to programs that ask for any (Linux from 32768, see ip(7); others from 49152). So no
 * other program takes a port from here by chance, neither before its server has started nor while that restarts.
 */
const LOWEST = 10_000;
const HIGHEST = 32_000;
const ATTEMPTS = 100;

/** A port of this host for a server that cannot choose one itself, or must come back on the same one. */
export function freePort(): Promise<number> {
  const random = () => LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
  return getPort({ host: '127.0.0.1', port: Array.from({ length: ATTEMPTS }, random) });
}
