import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AgentChange, LevelChange } from '../core/plan/load/load-change.ts';
import type { Share } from '../core/plan/load/split.ts';
import type {
  LoadChange,
  LoadChangeSchema,
  ShareSchema,
  LevelChange as WireLevel,
  Share as WireShare,
} from './gen/bench/v1/agent_pb.ts';

export function shareToMessage({ of, slots }: Share): MessageInitShape<typeof ShareSchema> {
  return { of, slots: [...slots] };
}

export function shareFromMessage(share: WireShare | undefined): Share {
  return { of: Math.max(1, share?.of ?? 1), slots: share?.slots ?? [] };
}

export function changeToMessage(
  runId: string,
  number: number,
  change: AgentChange,
): MessageInitShape<typeof LoadChangeSchema> {
  return { runId, number, atUs: change.atUs, change: caseOf(change) };
}

function caseOf(change: AgentChange): NonNullable<MessageInitShape<typeof LoadChangeSchema>['change']> {
  switch (change.kind) {
    case 'share':
      return { case: 'share', value: shareToMessage(change.share) };
    case 'level':
      return { case: 'level', value: { scenario: change.scenario, level: change.level, rampUs: change.rampUs ?? 0 } };
    case 'pause':
    case 'resume':
      return { case: change.kind, value: {} };
  }
}

/** Returns undefined for a kind of change that only a newer control knows. */
export function changeFromMessage({ atUs, change }: LoadChange): AgentChange | undefined {
  switch (change.case) {
    case 'share':
      return { kind: 'share', atUs, share: shareFromMessage(change.value) };
    case 'level':
      return { kind: 'level', atUs, ...levelOf(change.value) };
    case 'pause':
    case 'resume':
      return { kind: change.case, atUs };
    case undefined:
      return undefined;
  }
}

function levelOf({ scenario, level, rampUs }: WireLevel): Omit<LevelChange, 'kind' | 'atUs'> {
  return { scenario, level, ...(rampUs > 0 && { rampUs }) };
}
