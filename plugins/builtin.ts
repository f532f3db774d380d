import type { DriverPlugin, MonitorPlugin, OutputPlugin } from '../core/plugin.ts';

/** Built-in plugins by name; each file is imported only when it is used. */
export type Builtins<P> = Readonly<Record<string, () => Promise<{ readonly default: P }>>>;

export const builtinDrivers: Builtins<DriverPlugin> = {
  null: () => import('./null.ts'),
  http: () => import('./http.ts'),
  'http-upload': () => import('./http-upload.ts'),
  grpc: () => import('./grpc.ts'),
  milvus: () => import('./milvus.ts'),
  health: () => import('./health.ts'),
  'mysql-direct': () => import('./mysql-direct.ts'),
};

export const builtinMonitors: Builtins<MonitorPlugin> = {
  prometheus: () => import('./prometheus.ts'),
  mysql: () => import('./mysql-monitor.ts'),
};

export const builtinOutputs: Builtins<OutputPlugin> = {
  otlp: () => import('./otlp.ts'),
  postgres: () => import('./postgres.ts'),
  'prometheus-rw': () => import('./prometheus-rw.ts'),
  webhook: () => import('./webhook.ts'),
};
