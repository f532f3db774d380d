import type { DriverPlugin, MonitorPlugin } from '../core/plugin.ts';
import type { Builtins } from './loader/load.ts';

export const builtinDrivers: Builtins<DriverPlugin> = {
  null: () => import('./null.ts'),
  http: () => import('./http.ts'),
  'http-upload': () => import('./http-upload.ts'),
  health: () => import('./health.ts'),
  'mysql-direct': () => import('./mysql-direct.ts'),
};

export const builtinMonitors: Builtins<MonitorPlugin> = {
  prometheus: () => import('./prometheus.ts'),
  mysql: () => import('./mysql-monitor.ts'),
};
