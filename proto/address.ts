/** `host:port`, `[::1]:port` for IPv6. */
export function addressOf(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** @param address `host:port`, `[::1]:port` for IPv6 */
export function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}

/** @param address `host:port`, `[::1]:port` for IPv6 */
export function placeOf(address: string): { readonly host: string; readonly port: number } {
  return { host: hostOf(address), port: Number(address.slice(address.lastIndexOf(':') + 1)) };
}
