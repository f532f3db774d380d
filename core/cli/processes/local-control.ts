import { setTimeout as sleep } from 'node:timers/promises';
import { RpcError } from '../../../proto/rpc/rpc-error.ts';
import { CommandError } from '../command-error.ts';
import { newToken } from '../files/new-token.ts';
import { storeArguments } from '../files/store-location.ts';
import { storeCommand } from '../flags/connection-flags.ts';
import { Child, readyUnless } from './child.ts';

/** A control and its agents, started for one run and ended after it. It answers nobody but them and this process. */
export interface LocalControl {
  readonly address: string;
  /** What control and its callers know each other by. */
  readonly token: string;
  readonly control: Child;
  readonly agents: readonly Child[];
  /** As given to {@link startLocalControl}. */
  readonly store: string;
  /** @param atOnce kills the processes instead of letting them drain */
  end(atOnce?: boolean): Promise<void>;
}

/**
 * Starts a control and its agents as children of this process.
 * @param agentCount how many agent processes
 * @param store as for `bench control --store`
 * @param web as for `bench control --web`
 * @param signal aborted to give up the start
 * @throws {CommandError} when a process does not start, or the start was given up; all of them have ended then
 */
export async function startLocalControl(
  agentCount: number,
  store: string,
  web?: string,
  signal?: AbortSignal,
): Promise<LocalControl> {
  const { flags, environment } = storeArguments(store);
  const listening = ['--host', '127.0.0.1', '--port', '0'];
  const token = newToken();
  const page = web === undefined ? [] : ['--web', web];
  const control = new Child('control', 'the private control', ['--token-stdin', ...listening, ...page, ...flags], {
    environment,
    token,
  });
  const agents: Child[] = [];
  const end = async (atOnce = false) => {
    await Promise.all(agents.map((agent) => agent.end(atOnce)));
    await control.end(atOnce);
  };
  try {
    const address = await readyUnless(signal, control.ready);
    for (let i = 1; i <= agentCount; i++) {
      agents.push(
        new Child('agent', `agent-${i}`, ['--token-stdin', '--control', address, '--name', `agent-${i}`], { token }),
      );
    }
    await readyUnless(signal, Promise.all(agents.map(({ ready }) => ready)));
    return { address, token, control, agents, store, end };
  } catch (error) {
    const isGivenUp = signal?.aborted ?? false;
    // What is only starting hears no request to end. A control with agents has started.
    await Promise.all(agents.map((agent) => agent.end(isGivenUp)));
    await control.end(isGivenUp && agents.length === 0);
    throw error;
  }
}

/** How long after its connection has dropped the end of a process is seen at the latest, in milliseconds. */
const END_SEEN_MS = 2000;

/**
 * What to tell of an error, if it came because the private control has ended by itself.
 * @param runId empty before the run has begun: then there is nothing to clean up
 * @returns the error itself where that is not so
 */
export async function causeIn(local: LocalControl | undefined, error: unknown, runId: string): Promise<unknown> {
  if (local === undefined) return error;
  const { control } = local;
  const isDropped = error instanceof Error && error.cause instanceof RpcError && error.cause.code === 'UNAVAILABLE';
  if (isDropped && !control.endedByItself)
    await Promise.race([control.exited, sleep(END_SEEN_MS, undefined, { ref: false })]);
  if (!control.endedByItself) return error;
  const { code, signal } = await control.exited;
  const words = signal === null ? control.lastWords() || `with exit code ${code}` : `by ${signal}`;
  if (runId === '') return new CommandError(`The private control ended before the run had begun: ${words}`);
  const { store } = local;
  const cleanup = storeCommand(['cleanup', runId], { store });
  const left = store === ':memory:' ? '' : `\nWhat the run's drivers had made may be left: \`${cleanup}\` removes it.`;
  return new CommandError(`The private control ended during the run: ${words}${left}`);
}
