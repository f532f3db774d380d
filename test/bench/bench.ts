import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { CommanderError } from 'commander';
import { BenchmarkError } from './benchmark-error.ts';
import type { BenchmarkCase, CaseOptions, CaseReport } from './cases/case.ts';
import { cases } from './cases/cases.ts';
import { FigureFiles } from './figure-files.ts';
import { type Flags, readFlags } from './flags.ts';
import { findProgram, moveTo, placementHere } from './machine.ts';
import { watchOtherWork } from './measure/other-work.ts';
import type { Peer } from './peers/peer.ts';
import { peers } from './peers/peers.ts';
import { provenance } from './provenance.ts';
import { asText, tablesOf } from './table.ts';

async function main(flags: Flags, argv: readonly string[]): Promise<void> {
  const placement = placementHere();
  // The generator's core is the generator's alone; processes that this one starts stay where it is.
  if (placement.rest !== undefined) moveTo(placement.rest);
  else progress('no taskset or only one core: all processes share the cores, and the figures are rough');
  const found = findPeers(flags.peers);
  const facts = provenance(found, flags.runtimes, argv);
  const files = await FigureFiles.open(flags, facts);
  print(`${facts.join('\n')}\n`);
  const folder = await mkdtemp(join(tmpdir(), 'benchmark-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const options: CaseOptions = { ...flags, peers: found, placement, folder, progress };
  for (const one of flags.only) {
    try {
      const report = await runWatched(one, options);
      print(shown(one.title, report));
      await files.add(one, report);
    } catch (error) {
      if (!(error instanceof BenchmarkError)) throw error;
      progress(`bench: the case ${one.name} failed: ${error.message}`);
      process.exitCode = 1;
    }
  }
}

/** What others did on the machine meanwhile belongs to the figures. */
async function runWatched(one: BenchmarkCase, options: CaseOptions): Promise<CaseReport> {
  const others = watchOtherWork();
  const report = await one.run(options);
  const share = others();
  if (share === undefined) return report;
  const note = `Other processes took ${(share * 100).toFixed(0)} % of the machine's CPU time meanwhile.`;
  return { ...report, notes: [...report.notes, note] };
}

function shown(title: string, { figures, tables, notes }: CaseReport): string {
  return [`== ${title} ==`, ...[...tablesOf(figures), ...tables].map(asText), ...notes, ''].join('\n\n');
}

/** @throws {BenchmarkError} when one that is asked for is not there */
function findPeers(wanted: readonly Peer[] | undefined): Peer[] {
  const missing = (wanted ?? []).filter(({ program }) => findProgram(program) === undefined);
  if (missing.length > 0) {
    throw new BenchmarkError(
      `${missing.map(({ program }) => program).join(', ')} not found on PATH: install it, or leave it out of --peers.`,
    );
  }
  return (wanted ?? peers).filter(({ program }) => findProgram(program) !== undefined);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

// Processes that it has started end with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  const argv = process.argv.slice(2);
  await main(readFlags(argv, cases, peers), argv);
} catch (error) {
  if (error instanceof BenchmarkError) progress(`bench: ${error.message}`);
  else if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error instanceof CommanderError ? error.exitCode : 1;
}
