/** Calls a function of a plugin that never comes back, and says what came of it: `endless-call.ts loop` or `promise`. */
import process from 'node:process';
import { PluginCalls } from '../../../core/cli/plugins/plugin-calls.ts';
import { errorMessage } from '../../../core/error.ts';

const LIMIT_US = 300_000;

function loop(): never {
  for (;;);
}

const calls = new PluginCalls(LIMIT_US);
const plugin = { kind: 'driver', use: './slow.ts' } as const;
try {
  await calls.call(plugin, 'quick', () => 'at once');
  await calls.call(plugin, 'operations', process.argv[2] === 'loop' ? loop : () => new Promise(() => {}));
} catch (error) {
  process.stdout.write(`${errorMessage(error)}\n`);
}
calls.close();
