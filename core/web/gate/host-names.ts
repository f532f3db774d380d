import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** Whether a request is meant for this server, by the host that it names. */
export type HostCheck = (host: string | undefined) => boolean;

/** @param certificate of the server, PEM */
export function certificateHosts(certificate: string): HostCheck {
  const parsed = new X509Certificate(certificate);
  return (host) => {
    const name = nameOf(host);
    if (name === '') return false;
    return (isIP(name) === 0 ? parsed.checkHost(name) : parsed.checkIP(name)) !== undefined;
  };
}

/** Without port and brackets, in lower case. */
function nameOf(host: string | undefined): string {
  const name = (host ?? '').replace(/:\d*$/, '').toLowerCase();
  return name.replace(/^\[(.*)\]$/, '$1');
}
