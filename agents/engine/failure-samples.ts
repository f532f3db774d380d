import type { Outcome } from '../../core/plugin.ts';
import { hideInHead, hideInText } from '../../core/secrets/credentials.ts';
import { MAX_ERROR_KINDS } from '../../core/stats/error-kinds.ts';
import {
  type FailureSample,
  MAX_AGENT_SAMPLES,
  MAX_SAMPLE_BODY,
  MAX_SAMPLE_HEAD,
  MAX_SAMPLE_MESSAGE,
  MAX_SAMPLES,
} from '../../core/stats/kept-sample.ts';

/** Characters of a driver's text that are looked at: more than is kept, so that nothing is cut off before it is masked. */
const MAX_READ = 16 * 1024;

/** Hides the values of the plan's secrets in a text. */
export type HideSecrets = (text: string) => string;

/**
 * Decides which failures of one agent's part of a run are kept in full, and makes samples of them. A place is a row of the
 * results in one phase; the first three failures of a kind are kept for each.
 */
export class FailureSamples {
  readonly #hide: HideSecrets;
  /** How many were taken, by place and kind. */
  readonly #taken = new Map<number, Map<string, number>>();
  #left = MAX_AGENT_SAMPLES;

  constructor(hide: HideSecrets) {
    this.#hide = hide;
  }

  /** Whether a failure would be kept. @param place undefined when it is not known yet */
  wants(place: number | undefined, errorKind: string): boolean {
    if (errorKind === '' || this.#left === 0) return false;
    const kinds = place === undefined ? undefined : this.#taken.get(place);
    if (kinds === undefined) return true;
    return (kinds.get(errorKind) ?? (kinds.size < MAX_ERROR_KINDS ? 0 : MAX_SAMPLES)) < MAX_SAMPLES;
  }

  /**
   * @param atUs since the run start
   * @returns undefined when there are enough of its kind, or the driver said no more about it than its message
   */
  take(
    place: number,
    { errorKind, message, detail }: Outcome,
    atUs: number,
    durationUs: number,
  ): FailureSample | undefined {
    if (typeof detail !== 'object' || !this.wants(place, errorKind)) return undefined;
    const kinds = this.#taken.get(place) ?? new Map<string, number>();
    this.#taken.set(place, kinds.set(errorKind, (kinds.get(errorKind) ?? 0) + 1));
    this.#left--;
    return {
      atUs: Math.max(0, Math.round(atUs)),
      durationUs: Math.max(0, Math.round(durationUs)),
      message: cut(hideInText(this.#hide(message)), MAX_SAMPLE_MESSAGE),
      sent: shownMessage(detail.sent, this.#hide, MAX_SAMPLE_BODY),
      received: shownMessage(detail.received, this.#hide, MAX_SAMPLE_BODY),
    };
  }
}

/** What a driver said was sent or came back, fit to be kept: masked and short. @param given a driver of one's own may say anything */
export function shownMessage(given: unknown, hide: HideSecrets, maxBody: number): string {
  if (typeof given !== 'string') return '';
  const text = given.slice(0, MAX_READ).replaceAll('\r\n', '\n');
  const blank = text.indexOf('\n\n');
  const head = cut(hideInHead(hide(blank < 0 ? text : text.slice(0, blank))).trimEnd(), MAX_SAMPLE_HEAD);
  if (blank < 0) return head;
  const body = cut(hideInText(hide(text.slice(blank + 2))), maxBody);
  return body === '' ? head : `${head}\n\n${body}`;
}

/** At most this many characters, as a message to control counts them: one beyond U+FFFF counts twice, and stays whole. */
function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
