import type { SecretMask } from '../core/secrets/secret-mask.ts';
import { MAX_NAME_LENGTH, type RowFigures, type ScriptWindow, type Window } from '../core/stats/window.ts';
import { MAX_EXAMPLE_LENGTH } from './engine/operation-slot.ts';

/** Replaces secrets in the texts of a window that a driver or a script is free to choose. */
export function redactWindow(window: Window, mask: SecretMask): Window {
  if (mask.isEmpty) return window;
  const operations = window.operations.map((operation) => redacted(operation, mask));
  const { script } = window;
  return { ...window, operations, ...(script !== undefined && { script: redactedScript(script, mask) }) };
}

function redacted<Row extends RowFigures>(row: Row, mask: SecretMask): Row {
  const errorKinds = row.errorKinds.map(({ kind, example, ...error }) => {
    const hidden = mask.hide(example).slice(0, MAX_EXAMPLE_LENGTH);
    return { ...error, kind: mask.hide(kind).slice(0, kind.length), example: hidden };
  });
  return { ...row, errorKinds };
}

function redactedScript({ rows, checks }: ScriptWindow, mask: SecretMask): ScriptWindow {
  const hide = (text: string) => mask.hide(text).slice(0, MAX_NAME_LENGTH);
  return {
    rows: rows.map((window) => {
      const { row } = window;
      const tags = Object.fromEntries(Object.entries(row.tags).map(([key, value]) => [hide(key), hide(value)]));
      return { ...redacted(window, mask), row: { ...row, type: hide(row.type), name: hide(row.name), tags } };
    }),
    checks: checks.map((check) => ({ ...check, name: hide(check.name) })),
  };
}
