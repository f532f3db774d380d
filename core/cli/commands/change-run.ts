import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { addRunConnectionFlags, type RunConnectionFlags } from '../flags/connection-flags.ts';
import { flag, wholeNumber } from '../flags/flags.ts';
import type { Output } from '../output.ts';

/** The commands that change a run under way: its load, and when it ends. */

interface SetFlags extends RunConnectionFlags {
  readonly scenario?: string;
  readonly vus?: number;
  readonly rate?: number;
  readonly spawnRate?: number;
}

export function addSet(command: Command, run: (runId: string, flags: SetFlags) => Promise<void>): void {
  addRunConnectionFlags(
    command
      .description('change the load of a run to a new level, until the run ends')
      .argument('<run>', 'id of the run, which `bench run` prints'),
  )
    .addOption(
      flag('-u, --vus <number>', 'virtual users, for all agents together').argParser(wholeNumber(0, 1_000_000)),
    )
    .addOption(
      flag('--rate <number>', 'arrivals per second, for all agents together').argParser(perSecond).conflicts('vus'),
    )
    .addOption(
      flag(
        '--spawn-rate <number>',
        'how many virtual users, or arrivals per second, come or go each second until then (default: at once)',
      ).argParser(aboveZero),
    )
    .addOption(flag('--scenario <name>', 'scenario to change, if the plan has several'))
    .addHelpText(
      'after',
      `
Examples:
  bench set v1stgxr8z5jd --vus 200
  bench set v1stgxr8z5jd --vus 2000 --spawn-rate 50
  bench set v1stgxr8z5jd --rate 1500 --scenario browse

The result lists the change as an event, and charts mark it.`,
    )
    .action(run);
}

export async function runSet(runId: string, flags: SetFlags, output: Output): Promise<ExitCode> {
  const { scenario = '', vus, rate, spawnRate = 0 } = flags;
  if (vus === undefined && rate === undefined) {
    throw new CommandError('Give the new load: --vus <number> or --rate <number>.', EXIT.invalidInput);
  }
  const level = vus === undefined ? { case: 'rate' as const, value: rate ?? 0 } : { case: 'vus' as const, value: vus };
  const { askControlOf } = await import('../client/run-location.ts');
  const change = { case: 'level' as const, value: { scenario, level, spawnRate } };
  const { atUs } = await askControlOf(runId, flags, (client) => client.changeLoad({ runId, change }));
  output.line(`The load of run ${runId} changes at second ${(atUs / 1e6).toFixed(1)}.`);
  return EXIT.pass;
}

type Act = (runId: string, flags: RunConnectionFlags) => Promise<void>;

export function addPause(command: Command, run: Act): void {
  addRunConnectionFlags(
    command
      .description('pause the load of a run until `bench resume`; the run does not get longer')
      .argument('<run>', 'id of the run, which `bench run` prints'),
  )
    .addHelpText('after', '\nExamples:\n  bench pause v1stgxr8z5jd\n  bench resume v1stgxr8z5jd')
    .action(run);
}

export function addResume(command: Command, run: Act): void {
  addRunConnectionFlags(
    command
      .description('resume the load of a run that is paused')
      .argument('<run>', 'id of the run, which `bench run` prints'),
  )
    .addHelpText('after', '\nExamples:\n  bench resume v1stgxr8z5jd')
    .action(run);
}

export async function runPause(
  kind: 'pause' | 'resume',
  runId: string,
  flags: RunConnectionFlags,
  output: Output,
): Promise<ExitCode> {
  const { askControlOf } = await import('../client/run-location.ts');
  const change = { case: kind, value: {} };
  const { atUs } = await askControlOf(runId, flags, (client) => client.changeLoad({ runId, change }));
  output.line(
    `The load of run ${runId} ${kind === 'pause' ? 'pauses' : 'resumes'} at second ${(atUs / 1e6).toFixed(1)}.`,
  );
  return EXIT.pass;
}

interface StopFlags extends RunConnectionFlags {
  readonly reason: string;
  readonly abort?: boolean;
}

export function addStop(command: Command, run: (runId: string, flags: StopFlags) => Promise<void>): void {
  addRunConnectionFlags(
    command.description('stop a run early').argument('<run>', 'id of the run, which `bench run` prints'),
  )
    .addOption(flag('--reason <text>', 'why, for the result of the run').default('bench stop'))
    .addOption(flag('--abort', 'abort operations in flight instead of letting them end'))
    .addHelpText(
      'after',
      `
Examples:
  bench stop v1stgxr8z5jd                        ends the load in order and keeps what was measured
  bench stop v1stgxr8z5jd --abort --reason "wrong target"`,
    )
    .action(run);
}

export async function runStop(runId: string, flags: StopFlags, output: Output): Promise<ExitCode> {
  const { askControlOf } = await import('../client/run-location.ts');
  const { reason, abort = false } = flags;
  await askControlOf(runId, flags, (client) => client.stopRun({ runId, reason, abort }));
  output.line(`Run ${runId} is ${abort ? 'aborted' : 'ending'}. \`bench watch ${runId}\` shows its result.`);
  return EXIT.pass;
}

function aboveZero(text: string): number {
  const value = perSecond(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}

function perSecond(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= 0 && value <= 10_000_000) return value;
  throw new InvalidArgumentError('It must be a number from 0 to 10000000.');
}
