import type { Command } from 'commander';
import { durationText, flag, stages, targetUrl, wholeNumber } from './flags.ts';

/** Flags that change what a plan says of its load and its target. */
export function addLoadFlags(command: Command): Command {
  return command
    .optionsGroup('Load, instead of what the plan says:')
    .addOption(flag('-u, --vus <number>', 'virtual users').argParser(wholeNumber(1, 1_000_000)))
    .addOption(flag('-d, --duration <time>', 'how long, such as 90s').argParser(durationText))
    .addOption(flag('-s, --stage <time:vus>', 'ramp to so many virtual users in that time; many').argParser(stages))
    .addOption(flag('-H, --host <url>', 'the target').argParser(targetUrl))
    .addOption(flag('--seed <number>', 'of the random streams').argParser(wholeNumber(0, Number.MAX_SAFE_INTEGER)));
}
