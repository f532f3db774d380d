import { WireError } from '../proto/window-codec.ts';
import type { ControlMessage } from './control-connection.ts';

/** No time of a run is further away than this, in microseconds: thirty years. */
const MAX_TIME_US = 1e15;
/** As many virtual users or arrivals per second as control lets anybody ask for, and more. */
const MAX_LEVEL = 1e9;
const MAX_SLOTS = 100_000;

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
      const { atUs, change } = message.value;
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
  if (slots.length > MAX_SLOTS)
    throw new WireError(`${field}.slots has ${slots.length} entries, more than ${MAX_SLOTS}`);
  const wrong = slots.find((slot) => slot >= of);
  if (wrong !== undefined) throw new WireError(`${field}.slots has ${wrong}: it must be below ${of}`);
}
