import type { Socket } from 'node:net';

/** Who makes a call: the serial number of its certificate, or without one its address. */
export interface Caller {
  /** `address:port`. */
  readonly peer: string;
  /** Empty without one. */
  readonly certificate: string;
}

/** A call of a grpc-js server, as far as it tells who has made it. */
export interface CallOfSomebody {
  getPeer(): string;
  getAuthContext(): object | null;
}

export function callerOf(call: CallOfSomebody): Caller {
  const { sslPeerCertificate } = (call.getAuthContext() ?? {}) as { sslPeerCertificate?: { serialNumber: string } };
  return { peer: call.getPeer(), certificate: sslPeerCertificate?.serialNumber ?? '' };
}

/** What counts as one caller: a certificate, or without one an address as {@link addressOf} has it. */
export function keyOf({ certificate, peer }: Caller): string {
  return certificate || addressOf(peer);
}

/** `address:port` of the other side of a connection; each connection has its own. */
export function peerOf({ remoteAddress, remotePort }: Partial<Pick<Socket, 'remoteAddress' | 'remotePort'>>): string {
  return `${remoteAddress}:${remotePort}`;
}

/**
 * What a peer counts as where each address has a limit. A host has as many IPv6 addresses as it likes, so its network does:
 * `2001:db8:1:2::/64`. An IPv4 address counts as itself, in whichever form it came.
 */
export function addressOf(peer: string): string {
  const address = peer.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(address) ?? [];
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address;
  const [before = '', after] = address.split('::');
  const groups = before === '' ? [] : before.split(':');
  const others = after === undefined ? [] : after.split(':');
  while (groups.length + others.length < 8) groups.push('0');
  const network = [...groups, ...others].slice(0, 4).join(':');
  return network === '0:0:0:0' ? address : `${network}::/64`;
}
