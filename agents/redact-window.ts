import type { SecretMask } from '../core/secrets/secret-mask.ts';
import type { Window } from '../core/stats/window.ts';
import { LONGEST_EXAMPLE } from './engine/recorder.ts';

/** The only texts in a window that a driver makes freely are those of its errors. */
export function withoutSecrets(window: Window, mask: SecretMask): Window {
  if (mask.isEmpty) return window;
  const operations = window.operations.map((operation) => ({
    ...operation,
    errorKinds: operation.errorKinds.map(({ kind, example, ...error }) => {
      const hidden = mask.hide(example).slice(0, LONGEST_EXAMPLE);
      return { ...error, kind: mask.hide(kind).slice(0, kind.length), example: hidden };
    }),
  }));
  return { ...window, operations };
}
