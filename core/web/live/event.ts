import type { RunEvent } from '../../stats/result.ts';
import { eventText } from '../../verdict/messages/events-zh-cn.ts';
import type { RunEventData } from '../api/run-events.ts';

/** An event of a run as the API tells it. */
export function shownEvent({ atUs, text }: RunEvent): RunEventData<'event'> {
  return { atUs, text, texts: { 'zh-CN': eventText(text, 'zh-CN') } };
}
