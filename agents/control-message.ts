import { MAX_LOAD_CHANGES, MAX_RATE_PER_SECOND } from '../core/agent-limits.ts';
import { WireError } from '../proto/window-codec.ts';
import type { ControlMessage } from './control-connection.ts';

/** No time of a run is further away than this, in microseconds: thirty years. */
const MAX_TIME_US = 1e15;
/** What each kind of load may have is checked with the plan. */
const MAX_LEVEL = MAX_RATE_PER_SECOND;
const MAX_SLOTS = 1_000_000;
/** Those of operators, and as many moves of shares between agents that come and go. */
const MAX_CHANGES = 2 * MAX_LOAD_CHANGES;

/**
 * Checks the numbers in a message of control. A time or a level that is not a number would spoil the load without a word,
 * and one that is far too large would take all memory.
 * @throws {WireError}
 */
export function checkControlMessage(message: ControlMessage): void {
  switch (message.case) {
    case 'assignment':
      checkShare(message.value.share, 'assignment.share');
      break;
    case 'start':
      checkTime(message.value.atAgentUs, 'start.at_agent_us');
      break;
    case 'loadLevel':
      checkLevel(message.value.from, 'load_level.from');
      checkLevel(message.value.to, 'load_level.to');
      break;
    case 'rowsDealt':
      checkRows(message.value.first, 'rows_dealt.first');
      checkRows(message.value.count, 'rows_dealt.count');
      break;
    case 'loadChange': {
      const { number, atUs, change } = message.value;
      if (number > MAX_CHANGES)
        throw new WireError(`load_change.number is ${number}: a load is changed at most ${MAX_CHANGES} times`);
      checkTime(atUs, 'load_change.at_us');
      if (change.case === 'share') checkShare(change.value, 'load_change.share');
      if (change.case === 'level') {
        checkLevel(change.value.level, 'load_change.level');
        checkTime(change.value.rampUs, 'load_change.level.ramp_us');
      }
      break;
    }
  }
}

function checkTime(us: number, field: string): void {
  if (!(Math.abs(us) <= MAX_TIME_US)) throw new WireError(`${field} is ${us}, which is not a time of a run`);
}

function checkLevel(level: number, field: string): void {
  if (!(level >= 0 && level <= MAX_LEVEL))
    throw new WireError(`${field} is ${level}: it must be from 0 to ${MAX_LEVEL}`);
}

function checkRows(rows: number, field: string): void {
  if (!(Number.isSafeInteger(rows) && rows >= 0))
    throw new WireError(`${field} is ${rows}, which is no number of rows`);
}

function checkShare(
  share: { readonly of: number; readonly slots: readonly number[] } | undefined,
  field: string,
): void {
  if (share === undefined) return;
  const { of, slots } = share;
  if (of > MAX_SLOTS) throw new WireError(`${field}.of is ${of}, more than ${MAX_SLOTS}`);
  const wrong = slots.find((slot) => slot >= of);
  if (wrong !== undefined) throw new WireError(`${field}.slots has ${wrong}: it must be below ${of}`);
  // A slot that stands there again and again would count its virtual users as often.
  const fallen = slots.find((slot, i) => i > 0 && slot <= (slots[i - 1] as number));
  if (fallen !== undefined) throw new WireError(`${field}.slots has ${fallen} after one that is not below it`);
}
