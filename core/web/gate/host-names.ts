import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { hostNameOf } from '../../control/security/own-host.ts';

/** Whether a request is meant for this server, by the host that it names. */
export type HostCheck = (host: string | undefined) => boolean;

/** @param certificate of the server, PEM */
export function certificateHosts(certificate: string): HostCheck {
  const parsed = new X509Certificate(certificate);
  return (host) => {
    const name = hostNameOf(host);
    if (name === '') return false;
    return (isIP(name) === 0 ? parsed.checkHost(name) : parsed.checkIP(name)) !== undefined;
  };
}
