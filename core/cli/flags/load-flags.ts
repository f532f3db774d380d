import { type Command, Option } from 'commander';
import { durationText, flag, params, stages, targetUrl, wholeNumber } from './flags.ts';

/** Flags that replace the target of a plan and its seed, and give its parameters their values. */
export function addTargetFlags(command: Command): Command {
  return command
    .addOption(flag('-H, --host <url>', 'URL of the target').argParser(targetUrl))
    .addOption(
      new Option(
        '--param <name=value>',
        'value of a parameter of the plan, or BENCH_PARAM_<NAME>; repeatable',
      ).argParser(params),
    )
    .addOption(
      flag('--seed <number>', 'seed of all random choices').argParser(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
    );
}

/** Flags that replace the load and the target of a plan, and give its parameters their values. */
export function addLoadFlags(command: Command): Command {
  command
    .optionsGroup('Instead of what the plan says:')
    .addOption(flag('-u, --vus <number>', 'number of virtual users').argParser(wholeNumber(1, 1_000_000)))
    .addOption(
      flag(
        '-r, --spawn-rate <per second>',
        'with --vus: how many virtual users start each second (default: all at once)',
      ).argParser(wholeNumber(1, 1_000_000)),
    )
    .addOption(flag('-d, --duration <time>', 'duration of the load, such as 90s').argParser(durationText))
    .addOption(
      flag('-s, --stage <time:vus>', 'ramp to this number of virtual users in this time; repeatable').argParser(stages),
    );
  return addTargetFlags(command);
}
