import type { ParsedPlan } from '../../plan/schema.ts';
import type { Message } from '../../text/message.ts';
import type { LeanDraft } from '../run-draft.ts';

/** Everything that a check may look at. */
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

/** @param kind selects one of the check's sentences, whose id is `name.kind` */
export function finding(name: string, ok: boolean, kind: string, params: Message['params']): Finding {
  return { name, ok, message: { id: `${name}.${kind}`, params } };
}

/** At most five names: a sentence is not a table. */
export function shortList(names: readonly string[]): string[] {
  return names.length <= 5 ? [...names] : [...names.slice(0, 5), `+${names.length - 5}`];
}

/** Whether a run has no target, and measures the load generator itself. Scripts have no operations before they send some. */
export function onlyNullDriver(
  { operations }: { readonly operations: readonly { readonly driver: string }[] },
  { drivers }: Pick<ParsedPlan, 'drivers'>,
): boolean {
  return operations.length > 0 && operations.every(({ driver }) => (drivers[driver]?.use ?? driver) === 'null');
}
