/**
 * Loaded by tap before each test file (`.taprc`): what is slow for tests is made quick.
 *
 * To tell of which test an error is that nobody has caught, tap has Node report every asynchronous resource, each promise
 * among them, when it is made and when it is gone. That takes half of the processor time of what awaits much. This file
 * stands in for the module from which tap takes that: the context that Node carries on by itself tells of which test it is.
 */
import { AsyncLocalStorage, type HookCallbacks, AsyncResource as Resource } from 'node:async_hooks';
import { registerHooks } from 'node:module';
import { hastenDrizzle } from '../../core/cli/quick-drizzle.ts';

const OF_TAP = /\/node_modules\/(?:@tapjs\/core|async-hook-domain)\//;
/** What belongs to no test. */
const OUTSIDE = 0;

const scopes = new AsyncLocalStorage<number>();
let hook: HookCallbacks | undefined;
let lastId = OUTSIDE;

/** The scope of a test. */
export class AsyncResource extends Resource {
  readonly #id = ++lastId;

  constructor(type: string) {
    super(type);
    hook?.init?.(this.#id, type, executionAsyncId(), this);
  }

  override runInAsyncScope<This, Result>(
    run: (this: This, ...args: unknown[]) => Result,
    of?: This,
    ...args: unknown[]
  ): Result {
    return super.runInAsyncScope(() => scopes.run(this.#id, () => run.apply(of as This, args)));
  }
}

/** The id of the scope that this is called in, or that has led to it. */
export function executionAsyncId(): number {
  return scopes.getStore() ?? OUTSIDE;
}

/** Hears of scopes of tests only. */
export function createHook(callbacks: HookCallbacks) {
  return {
    enable: () => {
      hook = callbacks;
    },
    disable: () => {
      hook = undefined;
    },
  };
}

registerHooks({
  resolve(specifier, context, next) {
    const isForTap = /^(?:node:)?async_hooks$/.test(specifier) && OF_TAP.test(context.parentURL ?? '');
    return next(isForTap ? import.meta.url : specifier, context);
  },
});
hastenDrizzle();
