import { closeSync, openSync } from 'node:fs';
import { oneLine } from '../../core/text/printable.ts';

/** A failure of the network or of TLS: a kind for counting, and what happened in a few words. */
export interface NetworkFailure {
  /** Few-valued, such as `connection_refused`. */
  readonly kind: string;
  /** Continues a sentence, without a full stop, such as `connection refused`. */
  readonly reason: string;
}

/** An HTTP proxy did not open the tunnel. The message continues a sentence. */
export class ProxyRefusal extends Error {
  override readonly name = 'ProxyRefusal';
}

const CERTIFICATE_UNTRUSTED =
  'the certificate is not signed by a trusted authority; name its authority in tls.ca, or set tls.insecure';

const NO_LOCAL_PORT: NetworkFailure = {
  kind: 'local_ports_exhausted',
  reason: 'this host has no free local port; keep connections, widen net.ipv4.ip_local_port_range, or use more agents',
};
const NO_DESCRIPTOR: NetworkFailure = {
  kind: 'too_many_open_files',
  reason: 'this process has reached its limit of open files; raise `ulimit -n`',
};

/** How much of an unknown error is shown. */
const SHOWN_CHARACTERS = 200;

/** The keys are the `code`s of Node's system and TLS errors, which Bun and Deno use too. */
const FAILURES: Readonly<Record<string, NetworkFailure>> = {
  ECONNREFUSED: { kind: 'connection_refused', reason: 'connection refused' },
  ECONNRESET: { kind: 'connection_reset', reason: 'connection reset' },
  ECONNABORTED: { kind: 'connection_reset', reason: 'connection aborted' },
  EPIPE: { kind: 'connection_reset', reason: 'connection closed while the request was being sent' },
  ETIMEDOUT: { kind: 'connect_timeout', reason: 'the network did not answer in time' },
  EHOSTUNREACH: { kind: 'host_unreachable', reason: 'no route to the host' },
  ENETUNREACH: { kind: 'network_unreachable', reason: 'no route to the network' },
  ENOTFOUND: { kind: 'dns_not_found', reason: 'the host name does not exist' },
  EAI_AGAIN: { kind: 'dns_failed', reason: 'the name server does not answer' },
  EADDRNOTAVAIL: NO_LOCAL_PORT,
  // Deno reports EINVAL in this case.
  EINVAL: NO_LOCAL_PORT,
  EMFILE: NO_DESCRIPTOR,
  ENFILE: { kind: 'too_many_open_files', reason: 'this host has reached its limit of open files; raise fs.file-max' },
  DEPTH_ZERO_SELF_SIGNED_CERT: { kind: 'tls_untrusted', reason: CERTIFICATE_UNTRUSTED },
  SELF_SIGNED_CERT_IN_CHAIN: { kind: 'tls_untrusted', reason: CERTIFICATE_UNTRUSTED },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { kind: 'tls_untrusted', reason: CERTIFICATE_UNTRUSTED },
  UNABLE_TO_GET_ISSUER_CERT: { kind: 'tls_untrusted', reason: CERTIFICATE_UNTRUSTED },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { kind: 'tls_untrusted', reason: CERTIFICATE_UNTRUSTED },
  CERT_HAS_EXPIRED: { kind: 'tls_expired', reason: 'the certificate has expired' },
  CERT_NOT_YET_VALID: { kind: 'tls_expired', reason: 'the certificate is not valid yet' },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    kind: 'tls_wrong_name',
    reason: 'the certificate is for another host name; set that name in tls.serverName',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: { kind: 'tls_failed', reason: 'the server does not speak TLS on this port' },
};

/** @param error what a socket or a lookup failed with */
export function networkFailure(error: unknown): NetworkFailure {
  if (error instanceof ProxyRefusal) return { kind: 'proxy_refused', reason: error.message };
  const { code = '', message = String(error) } = error as { code?: string; message?: string };
  // Bun reports ECONNREFUSED also when it has no descriptor left.
  if (code === 'ECONNREFUSED' && outOfDescriptors()) return NO_DESCRIPTOR;
  const known = Object.hasOwn(FAILURES, code) ? FAILURES[code] : undefined;
  if (known) return known;
  if (/CERTIFICATE_REQUIRED/.test(code)) {
    return { kind: 'tls_failed', reason: 'the server requires a client certificate; set tls.cert and tls.key' };
  }
  if (/^(ERR_SSL|ERR_TLS|ERR_OSSL|EPROTO|CERT_)/.test(code)) {
    return { kind: 'tls_failed', reason: `TLS failed (${code})` };
  }
  return { kind: 'network_error', reason: oneLine(code ? `${code}: ${message}` : message, SHOWN_CHARACTERS) };
}

function outOfDescriptors(): boolean {
  try {
    closeSync(openSync(process.execPath, 'r'));
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EMFILE';
  }
}
