import type { Message } from '../../text/message.ts';
import { interferences } from '../compare/offered-load.ts';
import type { Criterion } from '../criterion.ts';
import type { LeanDraft } from '../run-draft.ts';

/**
 * For a criterion that is compared with a baseline, in a run whose load somebody changed or cut short: it is not the load of the
 * baseline any more. A run that a criterion has stopped had that load until then.
 */
export function otherLoadExcuse({ limit }: Criterion, draft: LeanDraft): Message | undefined {
  if (limit.baseline === undefined || interferences(draft).length === 0) return undefined;
  const isStoppedByCriterion = draft.ending.kind === 'stopped' && draft.ending.by === 'threshold';
  if (isStoppedByCriterion && draft.loadChanges.length === 0) return undefined;
  return { id: 'threshold.other-load', params: {} };
}
