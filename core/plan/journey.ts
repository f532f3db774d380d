import type { UserDefinition } from '../script/define-user.ts';
import type { Condition, FlowPause } from './flow.ts';

/** A step whose operation is known by its row. */
export type JourneyStep = { readonly when: Condition | undefined } & (
  | { readonly kind: 'operation' /** Index among the operations of the plan. */; readonly operation: number }
  | { readonly kind: 'pause'; readonly pause: FlowPause }
  | { readonly kind: 'choose'; readonly branches: readonly JourneyBranch[] }
  | {
      readonly kind: 'repeat';
      readonly times: number;
      readonly until: Condition | undefined;
      readonly flow: readonly JourneyStep[];
    }
);

export interface JourneyBranch {
  readonly weight: number;
  readonly flow: readonly JourneyStep[];
}

/** What each virtual user of a scenario with a flow or a script goes through, from its first step to its last. */
export interface Journey {
  /** Counted after all operations of the plan: what a window's `operation` refers to. */
  readonly index: number;
  readonly scenario: number;
  /** The row's name: its scenario's. */
  readonly name: string;
  readonly work: FlowWork | ScriptWork;
}

export interface FlowWork {
  readonly kind: 'flow';
  readonly flow: readonly JourneyStep[];
  /** A failed step ends its pass; else the pass goes on, and has failed all the same. */
  readonly stopsAtFailure: boolean;
}

export interface ScriptWork {
  readonly kind: 'script';
  readonly definition: UserDefinition;
  /** Names of the drivers that it uses. */
  readonly drivers: readonly string[];
}

/** What virtual users of a scenario do once, beside its operations or its flow. */
export interface OnceSteps {
  readonly start: readonly JourneyStep[];
  readonly stop: readonly JourneyStep[];
}

/** Indices of the operations that a flow may send, each once. */
export function operationsIn(flow: readonly JourneyStep[]): number[] {
  const all = flow.flatMap((step): readonly number[] => {
    if (step.kind === 'operation') return [step.operation];
    if (step.kind === 'repeat') return operationsIn(step.flow);
    return step.kind === 'choose' ? step.branches.flatMap(({ flow }) => operationsIn(flow)) : [];
  });
  return [...new Set(all)];
}
