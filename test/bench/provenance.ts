import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { findProgram } from './machine.ts';
import type { Peer } from './peers/peer.ts';
import { RUNTIME_NAMES, type Runtime } from './runtimes.ts';

/** When, where and how figures come about, a sentence each. */
export function provenance(peers: readonly Peer[], runtimes: readonly Runtime[], argv: readonly string[]): string[] {
  const beside = peers.map(describePeer).join(', ') || 'no peer';
  return [
    `${new Date().toISOString().slice(0, 10)}, ${describeMachine()}.`,
    `bench on ${runtimes.map(describeRuntime).join(', ')}, beside ${beside}.`,
    `\`${commandLine(argv)}\``,
  ];
}

/** As it would be typed to get such figures again: where they are written to is no part of that. */
export function commandLine(argv: readonly string[]): string {
  const isFile = (word: string | undefined) => /^--(json|markdown)$/.test(word ?? '');
  const words = argv.filter((word, i) => !/^--(json|markdown)(=|$)/.test(word) && !isFile(argv[i - 1]));
  return ['npm run bench', ...(words.length === 0 ? [] : ['--', ...words])].join(' ');
}

function describeMachine(): string {
  const processors = cpus();
  const memoryGb = (totalmem() / 2 ** 30).toFixed(0);
  return `${processors[0]?.model.trim() ?? 'unknown processor'}, ${processors.length} cores, ${memoryGb} GB, ${type()} ${release()}`;
}

function describePeer({ name, program, versionFlag }: Peer): string {
  return versionFlag === undefined ? name : `${name} ${versionOf(program, versionFlag)}`;
}

function describeRuntime(runtime: Runtime): string {
  return `${RUNTIME_NAMES[runtime]} ${versionOf(runtime, '--version')}`;
}

function versionOf(program: string, flag: string): string {
  const { stdout, stderr } = spawnSync(findProgram(program) ?? program, [flag], { encoding: 'utf8' });
  return /\d+\.\d+(\.\d+)?/.exec(`${stdout}${stderr}`)?.[0] ?? '';
}
