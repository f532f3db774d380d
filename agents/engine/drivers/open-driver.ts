import type { Clock } from '../../../core/clock.ts';
import { BenchError, errorMessage } from '../../../core/error.ts';
import type { ResolvedDriver } from '../../../core/plan/resolve.ts';
import { type Driver, type DriverContext, PluginError, type Session } from '../../../core/plugin.ts';
import { withTimeout } from '../../../core/timeout.ts';

/** How long a driver may take to open: control waits a little longer for all that an agent prepares. */
const OPEN_LIMIT_US = 50_000_000;

/**
 * Opens a driver, and checks what it gives.
 * @param name the driver's in the plan
 * @param signal aborted when nobody waits any longer
 * @throws {BenchError} that names the driver, where the driver's own error does not say all; the signal's reason
 */
export async function openDriver(
  name: string,
  { plugin, options }: ResolvedDriver,
  context: DriverContext,
  clock: Pick<Clock, 'after'>,
  signal: AbortSignal,
): Promise<Driver> {
  const opening = (async () => checkedDriver(name, await plugin.open(options, context)))();
  try {
    const message = `driver ${name} had not opened after ${OPEN_LIMIT_US / 1e6} s`;
    return await withTimeout(clock, OPEN_LIMIT_US, message, () => opening, signal);
  } catch (error) {
    // One that opens too late is closed again.
    void opening.then((late) => late.close()).catch(() => {});
    if (error instanceof BenchError || signal.aborted) throw error;
    throw new BenchError('internal', `driver ${name} could not be opened: ${errorMessage(error)}`, { cause: error });
  }
}

function checkedDriver(name: string, opened: Partial<Driver> | undefined): Driver {
  if (typeof opened?.connect === 'function' && typeof opened.close === 'function') return opened as Driver;
  throw new PluginError(
    `driver ${name}: open returned something that is no driver: have it return an object with connect and close`,
  );
}

/** @throws {PluginError} when it is no session */
export function checkedSession(name: string, connected: Partial<Session> | undefined): Session {
  if (typeof connected?.send === 'function' && typeof connected.close === 'function') return connected as Session;
  throw new PluginError(
    `driver ${name}: connect returned something that is no session: have it return an object with send and close`,
  );
}
