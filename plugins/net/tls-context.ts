import { createSecureContext } from 'node:tls';
import { errorMessage } from '../../core/error.ts';
import { planPath, readPlanFile } from '../../core/plan-files.ts';
import { PluginError } from '../../core/plugin.ts';
import type { SocketTls } from './socket.ts';
import type { TargetAddress } from './target-address.ts';

const PEM_LIMIT_BYTES = 1024 * 1024;

/** TLS settings of a plan. Files are PEM; their paths are relative to the plan's folder. */
export interface TlsSettings {
  /** Authorities to trust instead of the runtime's default ones. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Name to request and to check instead of the target's host. */
  readonly serverName?: string | undefined;
  /** Accept any certificate. */
  readonly insecure: boolean;
  /** A virtual user's later connections resume the TLS session of its first. */
  readonly resumption: boolean;
}

/** @throws {PluginError} when a file cannot be read, or contains no usable key or certificate */
export function openTlsContext(
  address: TargetAddress,
  settings: TlsSettings | undefined,
  baseDirectory: string,
): SocketTls {
  const read = (name: 'ca' | 'cert' | 'key') => {
    const file = settings?.[name];
    if (file === undefined) return undefined;
    try {
      return readPlanFile(planPath(baseDirectory, file), PEM_LIMIT_BYTES);
    } catch (error) {
      throw new PluginError(`tls.${name}: the file "${file}" cannot be read: ${errorMessage(error)}`, { cause: error });
    }
  };
  const [ca, cert, key] = [read('ca'), read('cert'), read('key')];
  try {
    return {
      context: createSecureContext({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }),
      serverName: settings?.serverName ?? (address.isIp ? '' : address.host),
      insecure: settings?.insecure ?? false,
    };
  } catch (error) {
    const reason = errorMessage(error);
    throw new PluginError(`tls: the certificate or key cannot be used: ${reason.split('\n', 1)[0]}`, { cause: error });
  }
}
