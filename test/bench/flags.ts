import { Command, InvalidArgumentError, Option } from 'commander';
import type { BenchmarkCase } from './cases/case.ts';
import type { Peer } from './peers/peer.ts';
import { RUNTIMES, type Runtime } from './runtimes.ts';

export interface Flags {
  readonly only: readonly BenchmarkCase[];
  /** undefined: all that are on PATH. */
  readonly peers: readonly Peer[] | undefined;
  readonly runtimes: readonly [Runtime, ...Runtime[]];
  readonly pairs: number;
  readonly seconds: number;
  readonly json?: string;
  readonly markdown?: string;
}

/** @throws {CommanderError} when the command line cannot be read; what is wrong is printed then */
export function readFlags(argv: readonly string[], cases: readonly BenchmarkCase[], peers: readonly Peer[]): Flags {
  const caseNames = cases.map(({ name }) => name);
  const program = new Command('npm run bench --')
    .description('Measures bench beside other load generators, on loopback.')
    .addOption(
      new Option('--only <cases>', `of ${caseNames.join(', ')}`)
        .argParser(listOf('case', caseNames, (name) => cases.find((one) => one.name === name)))
        .default(
          cases.filter(({ byDefault }) => byDefault),
          'all that take less than minutes',
        ),
    )
    .addOption(
      new Option(
        '--peers <programs>',
        `of ${peers.map(({ program }) => program).join(', ')} (default: those on PATH)`,
      ).argParser(
        listOf(
          'peer',
          peers.map(({ program }) => program),
          (name) => peers.find(({ program }) => program === name),
        ),
      ),
    )
    .addOption(
      new Option('--runtimes <runtimes>', 'of the agent; the first is held against every peer')
        .argParser(listOf('runtime', RUNTIMES, (name) => RUNTIMES.find((runtime) => runtime === name)))
        .default(RUNTIMES, RUNTIMES.join(',')),
    )
    .addOption(new Option('--pairs <number>', 'of runs, ours and theirs').argParser(from(1, 100)).default(5))
    .addOption(new Option('--seconds <number>', 'duration of one run').argParser(from(1, 60)).default(4))
    .option('--json <file>', 'write the figures there')
    .option('--markdown <file>', 'put the tables into this page, between its marks')
    .exitOverride();
  return program.parse(argv, { from: 'user' }).opts<Flags>();
}

function listOf<T>(
  what: string,
  names: readonly string[],
  find: (name: string) => T | undefined,
): (text: string) => T[] {
  return (text) =>
    [...new Set(text.split(',').map((name) => name.trim()))].map((name) => {
      const found = find(name);
      if (found !== undefined) return found;
      throw new InvalidArgumentError(`There is no ${what} "${name}": choose from ${names.join(', ')}.`);
    });
}

function from(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}
