import { pluginIn } from '../../../plugins/loader/plugin-modules.ts';
import { errorMessage } from '../../error.ts';
import type { Log } from '../../log.ts';
import { contain } from './stray-errors.ts';

/** A plugin that throws at each tick of a timer must not fill the log. */
const MAX_LINES = 100;

/**
 * From now on, what a plugin throws where nobody waits for it (in a timer, or in a promise that it dropped) is logged under
 * its name, and the process goes on. For agents and control, which have others to serve.
 */
export function containPlugins(log: Log): void {
  let lines = 0;
  contain((error) => {
    const plugin = error instanceof Error ? pluginIn(error.stack) : undefined;
    if (plugin === undefined) return false;
    const line = `${plugin} has thrown where nobody waits for it: ${errorMessage(error)}`;
    if (++lines <= MAX_LINES) log(line, { level: 'warn' });
    return true;
  });
}
