import * as grpc from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { addService, SERVER_OPTIONS } from '../../proto/adapter.ts';
import { AgentService } from '../../proto/gen/bench/v1/agent_pb.ts';
import { RunService } from '../../proto/gen/bench/v1/run_pb.ts';
import { createControl } from './control.ts';
import type { PluginLoaders } from './run-spec.ts';
import { systemTime, type Time } from './time.ts';

export { StoreError } from './store.ts';

export interface ControlOptions extends PluginLoaders {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** SQLite file in a folder that is there, or `:memory:`. */
  readonly store: string;
  log(line: string): void;
  /** Default: the system's. Tests give their own. */
  readonly time?: Time;
}

export interface RunningControl {
  /** `host:port` */
  readonly address: string;
  readonly port: number;
  /**
   * Drains the run that is under way, stores what it measured, and closes. A second call cuts off what is in flight.
   * @param reason for the run's result, such as `Ctrl-C in control`
   */
  stop(reason: string): Promise<void>;
}

/** Control cannot start; the message is one sentence. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

/** Streams are ended before; what still holds the server open after this is cut. */
const SHUTDOWN_LIMIT_MS = 2000;

/**
 * Serves agents and those who start runs.
 * @throws {ControlError} when the address cannot be listened on, {StoreError} when the store cannot be used
 */
export async function startControl(options: ControlOptions): Promise<RunningControl> {
  const { host, log } = options;
  let address = '';
  const control = await createControl({ ...options, log, time: options.time ?? systemTime, address: () => address });
  const server = new grpc.Server(SERVER_OPTIONS);
  addService(server, AgentService, control.agents);
  addService(server, RunService, control.runs);
  const serving = { '': 'SERVING', [AgentService.typeName]: 'SERVING', [RunService.typeName]: 'SERVING' } as const;
  const health = new HealthImplementation(serving);
  health.addToServer(server);
  let port: number;
  try {
    port = await bind(server, host, options.port);
  } catch (error) {
    await control.stop('control could not start');
    throw error;
  }
  address = addressOf(host, port);
  return {
    address,
    port,
    async stop(reason) {
      for (const service of Object.keys(serving)) health.setStatus(service, 'NOT_SERVING');
      await control.stop(reason);
      await shutDown(server);
    },
  };
}

function bind(server: grpc.Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(addressOf(host, port), grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(new ControlError(bindProblem(error.message, host, port)));
    });
  });
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
