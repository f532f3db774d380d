import type { Command } from 'commander';
import { durationText, flag, stages, targetUrl, wholeNumber } from './flags.ts';

/** Flags that replace the load and the target of a plan. */
export function addLoadFlags(command: Command): Command {
  return command
    .optionsGroup('Instead of what the plan says:')
    .addOption(flag('-u, --vus <number>', 'number of virtual users').argParser(wholeNumber(1, 1_000_000)))
    .addOption(flag('-d, --duration <time>', 'duration of the load, such as 90s').argParser(durationText))
    .addOption(
      flag('-s, --stage <time:vus>', 'ramp to this number of virtual users in this time; repeatable').argParser(stages),
    )
    .addOption(flag('-H, --host <url>', 'URL of the target').argParser(targetUrl))
    .addOption(
      flag('--seed <number>', 'seed of all random choices').argParser(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
    );
}
