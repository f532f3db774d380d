import { Worker } from 'node:worker_threads';
import { systemClock } from '../../clock.ts';
import { type CallPlugin, callInWords, type NamedPlugin } from '../../plugin-call.ts';
import { callInTime, PLUGIN_CALL_LIMIT_US } from '../../timeout.ts';
import { endedBySystem } from '../processes/lifetime.ts';
import { type CallWatcherData, watchCalls } from './call-watcher.ts';
import { isBuiltIn } from './known-plugins.ts';

/** How much longer than its time limit a call is given before a thread ends it. */
const GRACE_MS = 2_000;

/**
 * Calls plugins before a run: none of them can hold up the command for ever, whether it awaits something that never comes or
 * has the event loop for itself, which a thread watches. Calls may overlap.
 */
export class PluginCalls {
  readonly call: CallPlugin;
  readonly #limitUs: number;
  /** What is under way, in words, in the order of its beginnings. */
  readonly #underWay: string[] = [];
  #watcher: Worker | undefined;

  constructor(limitUs = PLUGIN_CALL_LIMIT_US) {
    this.#limitUs = limitUs;
    const callOnce = callInTime(systemClock, limitUs);
    this.call = (plugin, name, call) => this.watch(plugin, name, () => callOnce(plugin, name, call));
  }

  /** Something that has a time limit of its own, such as loading the plugin. */
  async watch<Result>(plugin: NamedPlugin, name: string, work: () => Promise<Result>): Promise<Result> {
    const { kind, use } = plugin;
    if (kind !== 'script' && kind !== 'plan' && isBuiltIn(kind, use)) return work();
    const words = callInWords(plugin, name);
    this.#watcher ??= startWatcher(this.#limitUs / 1000 + GRACE_MS);
    this.#underWay.push(words);
    this.#tell();
    try {
      return await endedBySystem(work);
    } finally {
      this.#underWay.splice(this.#underWay.lastIndexOf(words), 1);
      this.#tell();
    }
  }

  close(): void {
    void this.#watcher?.terminate();
    this.#watcher = undefined;
  }

  /** The one that began last is under way, as far as is known. */
  #tell(): void {
    this.#watcher?.postMessage(this.#underWay.at(-1) ?? '');
  }
}

/** Calls plugins as {@link PluginCalls} does, while this work lasts. */
export async function callingPlugins<Result>(work: (calls: PluginCalls) => Promise<Result>): Promise<Result> {
  const calls = new PluginCalls();
  try {
    return await work(calls);
  } finally {
    calls.close();
  }
}

function startWatcher(limitMs: number): Worker {
  const workerData: CallWatcherData = { limitMs, graceMs: GRACE_MS };
  const watcher = new Worker(`(${watchCalls.toString()})()`, { eval: true, workerData });
  watcher.unref();
  // A host without memory for one more thread is not watched.
  watcher.on('error', () => {});
  return watcher;
}
