import { spawnSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { findProgram } from './machine.ts';
import type { Peer } from './peers/peer.ts';
import { RUNTIME_NAMES, type Runtime } from './runtimes.ts';

/** A load average above this is work of others, which makes ratios vary. */
const QUIET_LOAD = 0.5;

/** When, where and how figures come about, a sentence each. To be asked before the first case. */
export function provenance(peers: readonly Peer[], runtimes: readonly Runtime[], argv: readonly string[]): string[] {
  const beside = peers.map(describePeer).join(', ') || 'no peer';
  const load = loadavg()[0] ?? 0;
  return [
    `${new Date().toISOString().slice(0, 10)}, ${describeMachine()}.`,
    `bench on ${runtimes.map(describeRuntime).join(', ')}, beside ${beside}.`,
    ...(load > QUIET_LOAD
      ? [`The machine was busy with other work: load average ${load.toFixed(1)} before the start.`]
      : []),
    `\`${['npm run bench', ...(argv.length === 0 ? [] : ['--', ...argv])].join(' ')}\``,
  ];
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
