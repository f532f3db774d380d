import { randomStream } from '../../core/plan/random.ts';
import type { VirtualUserContext } from '../../core/plugin.ts';

/** A virtual user as its sessions see it, for tests of drivers. @param wanted kinds of errors whose details somebody wants */
export function userContext(index = 0, seed = 1, wanted: readonly string[] = []): VirtualUserContext {
  return {
    index,
    random: randomStream(seed, index),
    variables: new Map(),
    wantsDetail: (errorKind) => wanted.includes(errorKind),
  };
}
