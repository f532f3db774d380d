import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';
import { FakeClock } from '../../../../testing/fake-clock.ts';

/** Calls under way that a thread carries out: control packs each result before it stores it, and unpacks those that it compares. */
let underWay = 0;

type Call = (...args: unknown[]) => void;
for (const name of ['gzip', 'gunzip'] as const) {
  const original = zlib[name] as Call;
  const counted: Call = (...args) => {
    const done = args.pop() as Call;
    underWay++;
    original(...args, (...results: unknown[]) => {
      underWay--;
      done(...results);
    });
  };
  Object.assign(zlib, { [name]: counted });
}
syncBuiltinESMExports();

/** Time stands still while a thread is at work: on a busy host seconds would pass until it is done, and time limits with them. */
class SceneClock extends FakeClock {
  protected override async settle(): Promise<void> {
    let isAtWork: boolean;
    do {
      isAtWork = underWay > 0;
      await super.settle();
    } while (isAtWork || underWay > 0);
  }
}

/**
 * A fake clock for scenes with a control: what one side sends arrives before time goes on.
 * @param wallAheadMs how far somebody has set the wall clock
 */
export function sceneClock(nowUs = 5_000_000, wallAheadMs = 0): FakeClock {
  return new SceneClock(nowUs, { wallAheadMs, turns: 3 });
}
