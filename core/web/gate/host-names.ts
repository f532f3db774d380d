import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** Names that a browser on this host uses for loopback. Others are those of pages elsewhere that lead here (DNS rebinding). */
const OWN = ['localhost', '127.0.0.1', '[::1]'];

/** Whether a request is meant for this server, by the host that it names. */
export type HostCheck = (host: string | undefined) => boolean;

export function loopbackHosts(): HostCheck {
  return (host) => OWN.includes(nameOf(host));
}

/** @param certificate of the server, PEM */
export function certificateHosts(certificate: string): HostCheck {
  const parsed = new X509Certificate(certificate);
  return (host) => {
    const name = nameOf(host).replace(/^\[(.*)\]$/, '$1');
    if (name === '') return false;
    return (isIP(name) === 0 ? parsed.checkHost(name) : parsed.checkIP(name)) !== undefined;
  };
}

/** Without the port, in lower case. */
function nameOf(host: string | undefined): string {
  return (host ?? '').replace(/:\d*$/, '').toLowerCase();
}
