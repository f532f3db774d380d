import { pluginIn } from '../../../plugins/loader/plugin-modules.ts';
import { PluginError } from '../../plugin.ts';

/** Frames of a stack that are looked at: an exit may be called deep in a package of a plugin. */
const FRAMES = 100;

let contains: (error: unknown) => boolean = () => false;

/** @param chosen says whether the process goes on after what was thrown where nobody waits for it */
export function contain(chosen: (error: unknown) => boolean): void {
  contains = chosen;
}

/** Whether the process goes on after this, which was thrown where nobody waits for it. */
export function isContained(error: unknown): boolean {
  return contains(error);
}

/** Called before anything ends this process at once. @throws {PluginError} when a plugin does */
export function refuseExit(): void {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  const { stack } = new Error('who');
  Error.stackTraceLimit = limit;
  const plugin = pluginIn(stack);
  if (plugin === undefined) return;
  throw new PluginError(`${plugin} wants to end the process, and with it all that others do there: it is refused`);
}
