import type { RunEvent } from '../../stats/result.ts';
import { spokenIn } from '../../verdict/messages/spoken/spoken.ts';
import type { RunEventData } from '../api/run-events.ts';

/** An event of a run as the API tells it. */
export function shownEvent({ atUs, text }: RunEvent): RunEventData<'event'> {
  return { atUs, text, texts: otherTexts(text) };
}

/** Why something is so, as the API tells it. */
export function shownReason(reason: string): Pick<RunEventData<'state'>, 'reason' | 'reasonTexts'> {
  return { reason, reasonTexts: otherTexts(reason) };
}

/** What was said, in the languages beside English: what goes to all clients alike has all of them. */
export function otherTexts(text: string): RunEventData<'event'>['texts'] {
  return { 'zh-CN': spokenIn(text, 'zh-CN') };
}
