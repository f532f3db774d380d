import type { ConnectionSettings } from '../../plugins/http/settings.ts';

/** What a plan has that says nothing about connections. */
export const CONNECTION_SETTINGS: ConnectionSettings = {
  connections: 'per-user',
  http2: false,
  tls: undefined,
  dns: { select: 'per-user', policy: 'any', ttlMs: undefined },
  localIps: [],
  proxy: undefined,
};
