import * as grpc from '@grpc/grpc-js';
import { addressOf } from '../../proto/address.ts';
import { AgentService } from '../../proto/gen/bench/v1/agent_pb.ts';
import { EnrollService } from '../../proto/gen/bench/v1/enroll_pb.ts';
import { RunService } from '../../proto/gen/bench/v1/run_pb.ts';
import { addService, SERVER_OPTIONS } from '../../proto/rpc/adapter.ts';
import type { HostFiles } from '../bundle/host-files.ts';
import { type Clock, systemClock } from '../clock.ts';
import { unexpectedStack } from '../error.ts';
import type { Log } from '../log.ts';
import { openFilesLimit } from '../open-files.ts';
import { addStandardServices } from './api/standard-services.ts';
import { type ControlCore, createControl } from './control-plane.ts';
import { ControlError, type Listener, listen } from './listener.ts';
import type { MetricsServer } from './metrics-server.ts';
import type { ControlOutput } from './outputs/run-outputs.ts';
import type { PluginLoaders } from './run/run-spec.ts';
import { AuthInterceptor } from './security/auth-interceptor.ts';
import { CallerLog } from './security/caller-log.ts';
import { CertificateAuthentication } from './security/certificate-authentication.ts';
import { Connections, connectionLimits, MIN_DESCRIPTORS } from './security/connections.ts';
import { isLoopback } from './security/loopback.ts';
import type { ServerSecurity } from './security/security-folder.ts';
import { TokenAuthentication } from './security/token-authentication.ts';
import type { StateCounts } from './telemetry/state-counts.ts';

export { ControlError } from './listener.ts';
export { StoreError } from './store/run-store.ts';

/** Where a server of control listens. */
export interface ListenAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** Where control itself listens. */
export interface OwnAddress extends ListenAddress {
  /** Whether this process serves the HTTP API too, whose connections take their share of the files that it may have open. */
  readonly hasWeb?: boolean;
}

export interface ControlOptions {
  readonly listen: OwnAddress;
  /** A SQLite file in a folder that exists, `:memory:`, or `mysql://user:password@host:port/database`. */
  readonly store: string;
  /** Whether this control serves one run and ends with it; any other goes on with runs whose control process is gone. */
  readonly isPrivate?: boolean;
  readonly access: ControlAccess;
  readonly log: Log;
  readonly loaders: PluginLoaders;
  /** Default: plans may name any file that this process may read, and nothing is sent with runs. */
  readonly files?: HostFiles;
  /** Outputs that all runs have, beside those of their plans. Default: none. */
  readonly outputs?: readonly ControlOutput[] | undefined;
  /** Where control's own metrics and the figures of its runs are served; nowhere by default. Off loopback, callers need a certificate as for everything else. */
  readonly metrics?: ListenAddress | undefined;
  /** The system's clock by default; tests give their own. */
  readonly clock?: Clock;
}

/**
 * How callers get in: over TLS with a certificate, where `security` is a folder that `initSecurity` made; or without TLS, on loopback
 * alone, with a token.
 */
export type ControlAccess = { readonly security: string } | LocalAccess;

export interface LocalAccess {
  readonly token: string;
  /** Lets callers find the token for this `host:port`; until it is done, they are told to try again. */
  readonly publish?: (address: string) => Promise<void>;
}

export interface RunningControl {
  /** `host:port` */
  readonly address: string;
  readonly port: number;
  /** Address of the page of control's own metrics; undefined when it is not served. */
  readonly metricsUrl: string | undefined;
  /** What control does, for others in this process who offer it. */
  readonly core: ControlCore;
  /** What it serves TLS with. */
  readonly security: ServerSecurity | undefined;
  /**
   * Drains the run that is under way, stores what it measured, and closes. A second call aborts what is in flight.
   * @param reason for the run's result, such as `Ctrl-C in control`
   */
  stop(reason: string): Promise<void>;
}

/** How long connections may hold the server open once its streams have ended; then they are cut. */
const SHUTDOWN_LIMIT_MS = 2000;

/**
 * Serves agents and those who start runs.
 * @throws {ControlError} when the address cannot be listened on, {StoreError} when the store cannot be used
 */
export async function startControl(options: ControlOptions): Promise<RunningControl> {
  const { log, clock = systemClock, metrics: metricsPlace, access } = options;
  const { host: wantedHost, port, hasWeb = false } = options.listen;
  const files = openFilesLimit()?.soft ?? MIN_DESCRIPTORS;
  if (files < MIN_DESCRIPTORS) {
    throw new ControlError(
      `control may have only ${files} files open, and needs ${MIN_DESCRIPTORS}: raise the limit with \`ulimit -n\``,
    );
  }
  const hasTls = 'security' in access;
  if (!hasTls && !isLoopback(wantedHost)) throw new ControlError(withoutTls(wantedHost));
  // The name may stand for two addresses, where two users may listen: callers must know which one is this control's.
  const host = !hasTls && wantedHost === 'localhost' ? '127.0.0.1' : wantedHost;
  if (metricsPlace && !hasTls && !isLoopback(metricsPlace.host)) {
    throw new ControlError(`--metrics: ${withoutTls(metricsPlace.host)}`);
  }
  const security = hasTls ? await secured(access.security, clock.epochMs()) : undefined;
  const local = hasTls ? undefined : localAccess(access);
  let address = '';
  const { metrics, outputs = [] } = metricsPlace ? await ownMetrics(() => control.stateCounts()) : {};
  const control = await createControl({
    ...options,
    outputs: [...(options.outputs ?? []), ...outputs],
    isPrivate: options.isPrivate ?? false,
    log,
    clock,
    metrics,
    address: () => address,
  });
  const stateOf = (serial: string) => security?.invitations?.book.stateOf(serial) ?? 'valid';
  const callers = new CallerLog(clock, log);
  const connections = new Connections({ clock, callers, limits: connectionLimits(hasWeb) });
  const authentication = local?.authentication ?? new CertificateAuthentication(stateOf);
  const auth = new AuthInterceptor({ authentication, clock, callers, metrics, connections });
  const server = new grpc.Server({ ...SERVER_OPTIONS, interceptors: [auth.interceptor] });
  const report = (sentence: string, error: unknown) => log(sentence, { level: 'error', stack: unexpectedStack(error) });
  addService(server, AgentService, control.agents, report);
  addService(server, RunService, control.runs, report);
  if (security) {
    addService(server, EnrollService, security.enrollHandlers({ security, clock, log, metrics }), report);
  }
  const setServing = addStandardServices(server, [AgentService, RunService]);
  let listener: Listener | undefined;
  let metricsServer: MetricsServer | undefined;
  try {
    const credentials = security ? new ServerTls(security) : grpc.ServerCredentials.createInsecure();
    listener = await listen(server, credentials, connections, { host, port });
    if (metrics && metricsPlace) {
      const protection = isLoopback(metricsPlace.host) ? undefined : security;
      const { serveMetrics } = await import('./metrics-server.ts');
      metricsServer = await serveMetrics({ ...metricsPlace, metrics, security: protection });
    }
    address = addressOf(host, listener.port);
    await local?.publish(address);
    await control.begin();
    setServing(true);
  } catch (error) {
    listener?.close();
    auth.close();
    metrics?.close();
    server.forceShutdown();
    await connections.close(0);
    await metricsServer?.close();
    await control.stop('control could not start');
    throw error;
  }
  return {
    address,
    port: listener.port,
    metricsUrl: metricsServer?.url,
    core: control,
    security,
    async stop(reason) {
      setServing(false);
      await control.stop(reason);
      listener.close();
      auth.close();
      metrics?.close();
      await metricsServer?.close();
      await shutDown(server);
      // The server no longer waits for what it has sent to go out: a result that was asked for last would be cut off.
      await connections.close(SHUTDOWN_LIMIT_MS * 1000);
    },
  };
}

/** @throws {ControlError} without a token: then everybody on this machine could run code as this user */
function localAccess(access: LocalAccess) {
  if (!access.token) throw new ControlError('a control without TLS needs a token for its callers');
  const authentication = new TokenAuthentication(access.token);
  return {
    authentication,
    async publish(address: string) {
      await access.publish?.(address);
      authentication.published(address);
    },
  };
}

async function ownMetrics(stateCounts: () => StateCounts) {
  const { ControlMetrics } = await import('./telemetry/metrics.ts');
  const { RunMetrics } = await import('./telemetry/run-metrics.ts');
  const runs = new RunMetrics();
  const outputs: ControlOutput[] = [{ name: 'metrics', plugin: runs.plugin, options: {}, hide: (text) => text }];
  return { metrics: new ControlMetrics(stateCounts, runs), outputs };
}

/** Reads the security folder. The libraries for certificates are loaded only when they are needed. */
async function secured(folder: string, nowMs: number) {
  const { readSecurity } = await import('./security/security-folder.ts');
  const { enrollHandlers } = await import('./api/enroll-service.ts');
  return { ...(await readSecurity(folder, nowMs)), enrollHandlers };
}

function withoutTls(host: string): string {
  return `control listens on ${host} only with TLS: make certificates with \`bench control init\`, or listen on 127.0.0.1`;
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

/**
 * TLS in which a client certificate is optional: a client without one can enroll at the same port, and the
 * `AuthInterceptor` decides what else it may call. A certificate from another authority counts as none.
 */
export class ServerTls extends grpc.ServerCredentials {
  constructor({ server, authority }: ServerSecurity) {
    super(
      { requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.3' },
      { ca: authority, cert: server.certificate, key: server.key },
    );
  }

  override _equals(other: grpc.ServerCredentials): boolean {
    return other === this;
  }
}
