import type { Test } from 'tap';
import { type ControlOptions, type RunningControl, startControl } from '../../../../core/control/server.ts';
import { LOCAL_ACCESS } from '../../../kit/local-access.ts';
import { fakeDriver } from './stage.ts';

/** On a free port of loopback, without TLS, with a store in memory; the only plugin that it finds is the fake driver. */
export const LOCAL_CONTROL: ControlOptions = {
  listen: { host: '127.0.0.1', port: 0 },
  access: LOCAL_ACCESS,
  store: ':memory:',
  loaders: {
    loadDriver: async () => fakeDriver,
    loadMonitor: () => Promise.reject(new Error('no monitors here')),
    loadOutput: () => Promise.reject(new Error('no outputs here')),
    loadShape: () => Promise.reject(new Error('no shapes here')),
  },
  log: () => {},
};

/** A control that others can reach, until the test ends. */
export async function servedControl(
  t: Pick<Test, 'teardown'>,
  options: Partial<ControlOptions> = {},
): Promise<RunningControl & { readonly log: readonly string[] }> {
  const log: string[] = [];
  const control = await startControl({ ...LOCAL_CONTROL, log: (line) => log.push(line), ...options });
  t.teardown(() => control.stop('the test has ended'));
  return { ...control, log };
}
