import type { SecretMask } from '../core/secrets/secret-mask.ts';
import type { Window } from '../core/stats/window.ts';
import { MAX_EXAMPLE_LENGTH } from './engine/recorder.ts';

/** Replaces secrets in error kinds and examples: the only texts of a window that a driver is free to choose. */
export function redactWindow(window: Window, mask: SecretMask): Window {
  if (mask.isEmpty) return window;
  const operations = window.operations.map((operation) => ({
    ...operation,
    errorKinds: operation.errorKinds.map(({ kind, example, ...error }) => {
      const hidden = mask.hide(example).slice(0, MAX_EXAMPLE_LENGTH);
      return { ...error, kind: mask.hide(kind).slice(0, kind.length), example: hidden };
    }),
  }));
  return { ...window, operations };
}
