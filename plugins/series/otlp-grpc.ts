import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { PluginError } from '../../core/plugin.ts';
import { oneLine } from '../../core/text/printable.ts';
import { VERSION } from '../../core/version.ts';
import { RefusedError } from '../net/http-post.ts';
import { withoutAccount } from '../net/url-account.ts';

const EXPORT = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';

/** After these a request may come again: https://opentelemetry.io/docs/specs/otlp/#failures */
const BUSY: ReadonlySet<status> = new Set([
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.OUT_OF_RANGE,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);

/** Files in PEM. */
export interface GrpcCertificates {
  /** What vouches for the receiver; default: what Node trusts. */
  readonly authority?: string | undefined;
  readonly own?: { readonly certificate: string; readonly key: string } | undefined;
}

/** Calls the MetricsService of one receiver: https://opentelemetry.io/docs/specs/otlp/#otlpgrpc */
export class OtlpGrpc {
  readonly #client: Client;
  readonly #headers = new Metadata();
  readonly place: string;

  /**
   * @param url `https:` for TLS; its path plays no part
   * @throws {PluginError} when a header cannot be sent, or a file cannot be read
   */
  constructor(url: string, headers: Readonly<Record<string, string>>, certificates: GrpcCertificates) {
    const { plainUrl, headers: account } = withoutAccount(url);
    const { protocol, hostname, port, origin } = new URL(plainUrl);
    this.place = origin;
    for (const [name, value] of Object.entries({ ...account, ...headers })) this.#setHeader(name, value);
    const isSecure = protocol === 'https:';
    const host = hostname.replace(/[[\]]/g, '');
    const ip = isIP(host) > 0 ? host : undefined;
    this.#client = new Client(
      `dns:${hostname}:${port || (isSecure ? 443 : 80)}`,
      isSecure ? tls(certificates, ip) : credentials.createInsecure(),
      {
        'grpc.primary_user_agent': `bench/${VERSION}`,
        'grpc.enable_http_proxy': 0,
        // In the handshake no address may stand in place of a name (RFC 6066).
        ...(ip !== undefined && { 'grpc.ssl_target_name_override': 'localhost' }),
      },
    );
  }

  /**
   * @returns the receiver's answer
   * @throws {RefusedError} when the same may not come again
   * @throws {PluginError} when it may
   */
  async send(body: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const call = this.#client.makeUnaryRequest<Uint8Array, Uint8Array>(
      EXPORT,
      asBuffer,
      (bytes) => bytes,
      body,
      this.#headers,
      (error, answer) => {
        if (error === null) resolve(answer ?? new Uint8Array());
        else reject(signal.aborted ? signal.reason : this.#failure(error));
      },
    );
    const cancel = () => call.cancel();
    signal.addEventListener('abort', cancel);
    return promise.finally(() => signal.removeEventListener('abort', cancel));
  }

  close(): void {
    this.#client.close();
  }

  #failure({ code, details, metadata }: ServiceError): PluginError {
    if (code === status.UNAVAILABLE) return new PluginError(`${this.place} cannot be reached`);
    const message = `${this.place} answered ${status[code]}: ${oneLine(details)}`;
    // One that has too much to do says when it will have less; one that never takes so much does not.
    const isLater =
      code === status.RESOURCE_EXHAUSTED && String(metadata.get('grpc-status-details-bin')).includes('RetryInfo');
    return isLater || BUSY.has(code) ? new PluginError(message) : new RefusedError(message);
  }

  #setHeader(name: string, value: string): void {
    try {
      this.#headers.set(name, value);
    } catch {
      // What was caught says the value, which may be a secret.
      throw new PluginError(`the header ${name} has a value that cannot be sent`);
    }
  }
}

/** @param ip that the certificate must be for; default: the name in the handshake */
function tls({ authority, own }: GrpcCertificates, ip: string | undefined) {
  const read = (path: string) => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new PluginError(`${path} cannot be read`, { cause: error });
    }
  };
  const [key, certificate] = own ? [read(own.key), read(own.certificate)] : [null, null];
  const verify = ip === undefined ? {} : { checkServerIdentity: identityOf(ip) };
  return credentials.createSsl(authority === undefined ? null : read(authority), key, certificate, verify);
}

function identityOf(ip: string): typeof checkServerIdentity {
  return (_, certificate) => checkServerIdentity(ip, certificate);
}
