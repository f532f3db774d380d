import * as grpc from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { addService, SERVER_OPTIONS } from '../../proto/adapter.ts';
import { AgentService } from '../../proto/gen/bench/v1/agent_pb.ts';
import { EnrollService } from '../../proto/gen/bench/v1/enroll_pb.ts';
import { RunService } from '../../proto/gen/bench/v1/run_pb.ts';
import { type Clock, systemClock } from '../clock.ts';
import { BenchError, type ErrorDetails, errorMessage, unexpectedStack } from '../error.ts';
import type { Log } from '../log.ts';
import { addReflection } from './api/reflection.ts';
import { createControl } from './control-plane.ts';
import type { MetricsServer, MetricsServerOptions } from './metrics-server.ts';
import type { PluginLoaders } from './run/run-spec.ts';
import { AuthInterceptor } from './security/auth-interceptor.ts';
import { isLoopback } from './security/loopback.ts';
import { ServerTls } from './security/server-credentials.ts';
import type { StateCounts } from './telemetry/state-counts.ts';

export { StoreError } from './store/run-store.ts';

export interface ControlOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** SQLite file in a folder that is there, or `:memory:`. */
  readonly store: string;
  /** It is there for one run, and ends with it; else it goes on with runs whose control process is no more. */
  readonly isPrivate?: boolean;
  /** Folder with certificates (`initSecurity` makes it): serve TLS, to those who have a certificate. Loopback alone does without. */
  readonly security?: string | undefined;
  readonly log: Log;
  readonly loaders: PluginLoaders;
  /** Where control's own figures are served; nowhere without it. Off loopback as everything else: to those who have a certificate. */
  readonly metrics?: { readonly host: string; readonly port: number } | undefined;
  /** Default: the system's. Tests give their own. */
  readonly clock?: Clock;
}

export interface RunningControl {
  /** `host:port` */
  readonly address: string;
  readonly port: number;
  /** Of the page of control's own figures. */
  readonly metricsUrl: string | undefined;
  /**
   * Drains the run that is under way, stores what it measured, and closes. A second call cuts off what is in flight.
   * @param reason for the run's result, such as `Ctrl-C in control`
   */
  stop(reason: string): Promise<void>;
}

/** Control cannot start; the message is one sentence. */
export class ControlError extends BenchError {
  override readonly name = 'ControlError';

  constructor(message: string, details: ErrorDetails = {}) {
    super('control_failed', message, details);
  }
}

/** Streams are ended before; what still holds the server open after this is cut. */
const SHUTDOWN_LIMIT_MS = 2000;

/**
 * Serves agents and those who start runs.
 * @throws {ControlError} when the address cannot be listened on, {StoreError} when the store cannot be used
 */
export async function startControl(options: ControlOptions): Promise<RunningControl> {
  const { host, log, clock = systemClock, metrics: metricsPlace } = options;
  if (options.security === undefined && !isLoopback(host)) throw new ControlError(withoutTls(host));
  if (metricsPlace && options.security === undefined && !isLoopback(metricsPlace.host)) {
    throw new ControlError(`--metrics: ${withoutTls(metricsPlace.host)}`);
  }
  const security = options.security === undefined ? undefined : await secured(options.security, clock.epochMs());
  let address = '';
  const metrics = metricsPlace && (await ownMetrics(() => control.stateCounts()));
  const control = await createControl({
    ...options,
    isPrivate: options.isPrivate ?? false,
    log,
    clock,
    metrics,
    address: () => address,
  });
  const isGood = (serial: string) => security?.invitations?.book.isGood(serial) ?? true;
  const auth = security && new AuthInterceptor({ clock, log, isGood, metrics });
  const server = new grpc.Server({ ...SERVER_OPTIONS, interceptors: auth ? [auth.interceptor] : [] });
  const report = (sentence: string, error: unknown) => log(sentence, { level: 'error', stack: unexpectedStack(error) });
  addService(server, AgentService, control.agents, report);
  addService(server, RunService, control.runs, report);
  if (security) {
    addService(server, EnrollService, security.enrollHandlers({ security, clock, log, metrics }), report);
  }
  addReflection(server, [AgentService, RunService]);
  const services = ['', AgentService.typeName, RunService.typeName];
  const health = new HealthImplementation(Object.fromEntries(services.map((name) => [name, 'NOT_SERVING'])));
  const setHealth = (status: 'SERVING' | 'NOT_SERVING') => {
    for (const service of services) health.setStatus(service, status);
  };
  health.addToServer(server);
  let port: number;
  let metricsServer: MetricsServer | undefined;
  try {
    const credentials = security ? new ServerTls(security) : grpc.ServerCredentials.createInsecure();
    port = await bind(server, host, options.port, credentials);
    if (metrics && metricsPlace) {
      const protection = isLoopback(metricsPlace.host) ? undefined : security;
      metricsServer = await listenForMetrics({ ...metricsPlace, metrics, security: protection });
    }
    address = addressOf(host, port);
    await control.begin();
    setHealth('SERVING');
  } catch (error) {
    auth?.close();
    metrics?.close();
    server.forceShutdown();
    await metricsServer?.close();
    await control.stop('control could not start');
    throw error;
  }
  return {
    address,
    port,
    metricsUrl: metricsServer?.url,
    async stop(reason) {
      setHealth('NOT_SERVING');
      await control.stop(reason);
      auth?.close();
      metrics?.close();
      await metricsServer?.close();
      await shutDown(server);
    },
  };
}

function bind(server: grpc.Server, host: string, port: number, credentials: grpc.ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(addressOf(host, port), credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(new ControlError(bindProblem(error.message, host, port)));
    });
  });
}

async function ownMetrics(stateCounts: () => StateCounts) {
  const { ControlMetrics } = await import('./telemetry/metrics.ts');
  return new ControlMetrics(stateCounts);
}

async function listenForMetrics(options: MetricsServerOptions): Promise<MetricsServer> {
  const { serveMetrics } = await import('./metrics-server.ts');
  try {
    return await serveMetrics(options);
  } catch (error) {
    const reason = errorMessage(error);
    const place = addressOf(options.host, options.port);
    throw new ControlError(`--metrics: ${place} cannot be listened on (${reason}): give another address`);
  }
}

/** Libraries for certificates are loaded only where they are of use. */
async function secured(folder: string, nowMs: number) {
  const { readSecurity } = await import('./security/security-folder.ts');
  const { enrollHandlers } = await import('./api/enroll-service.ts');
  return { ...(await readSecurity(folder, nowMs)), enrollHandlers };
}

function withoutTls(host: string): string {
  return `control serves ${host} only with TLS: make certificates with \`bench control init\`, or listen on 127.0.0.1`;
}

function bindProblem(message: string, host: string, port: number): string {
  if (message.includes('EADDRINUSE')) {
    return `port ${port} on ${host} is in use: stop what listens there, or give another with --port (0 takes a free one)`;
  }
  if (message.includes('EACCES'))
    return `port ${port} may not be listened on by this user: give one above 1023 with --port`;
  return `${host} cannot be listened on (${message}): give an address of this host with --host`;
}

function addressOf(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function shutDown(server: grpc.Server): Promise<void> {
  return new Promise((resolve) => {
    const limit = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, SHUTDOWN_LIMIT_MS);
    server.tryShutdown(() => {
      clearTimeout(limit);
      resolve();
    });
  });
}
