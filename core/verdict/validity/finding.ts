import type { ParsedPlan } from '../../plan/schema.ts';
import type { Message } from '../../stats/result.ts';
import type { LeanDraft } from '../run-draft.ts';

/** What a check looks at. */
export interface Evidence {
  readonly draft: LeanDraft;
  readonly plan: ParsedPlan;
  /** Whole seconds that lie inside the measured phase. */
  readonly measuredSeconds: readonly number[];
}

export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly message: Message;
}

/** @param kind which of the check's sentences: its id is `name.kind` */
export function finding(name: string, ok: boolean, kind: string, params: Message['params']): Finding {
  return { name, ok, message: { id: `${name}.${kind}`, params } };
}

/** A run that measures the harness itself and has no target. */
export function onlyNullDriver(draft: LeanDraft, plan: ParsedPlan): boolean {
  return draft.operations.every(({ driver }) => (plan.drivers[driver]?.use ?? driver) === 'null');
}
