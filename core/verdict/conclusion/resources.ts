import type { Message, RunResult } from '../../stats/result.ts';
import { least, most } from '../extremes.ts';
import { measuredSeconds, monitorValues, mostVus } from '../measured.ts';

/** A resource that is used to this share has no more to give. */
const FULL_SHARE = 0.9;
/** It is the bottleneck when it is full for at least this part of the time. */
const FULL_TIME_SHARE = 0.1;
/** Up to this many waiting requests, or this part of the virtual users, nothing piles up. */
const SHORT_QUEUE = 5;
const SHORT_QUEUE_SHARE_OF_VUS = 0.1;

const CPU = /cpu_(share|ratio|utilization)$/;
const MEMORY = /memory(_used)?_(share|ratio|utilization)$/;
const MEMORY_USED = /^(.*memory)_used_bytes$/;
const QUEUE = /queue_depth$/;

/** Shares in use, one a second. */
interface Usage {
  readonly owner: string;
  readonly resource: 'cpu' | 'memory';
  readonly shares: readonly number[];
}

/**
 * CPU and memory of the target, as its monitors tell, and of the agents' hosts. A full one is the bottleneck where
 * the run shows a limit; where all is met and throughput still grows, it is what would run out first.
 *
 * @param isLimited whether a criterion is broken or there is a knee
 */
export function resources(result: RunResult, isLimited: boolean): Message[] {
  const bottleneck = (resource: Usage['resource'], owner: string, meanShare: number, max: number): Message => {
    return {
      id: `conclusion.${isLimited ? 'bottleneck' : 'nearly-full'}-${resource}`,
      params: { owner, mean: meanShare, max },
    };
  };
  const usages = monitored(result);
  const full = usages.filter(({ shares }) => {
    const seconds = shares.filter((share) => share > FULL_SHARE).length;
    return seconds >= FULL_TIME_SHARE * shares.length;
  });
  const agents = result.agents.flatMap(({ name, hostCpuShare: cpu, hostMemoryShare: memory }): Message[] => [
    ...(cpu.mean > FULL_SHARE ? [bottleneck('cpu', name, cpu.mean, cpu.max)] : []),
    ...(memory.mean > FULL_SHARE ? [bottleneck('memory', name, memory.mean, memory.max)] : []),
  ]);
  const bottlenecks = full.map(({ owner, resource, shares }) => {
    return bottleneck(resource, owner, mean(shares), most(shares));
  });
  if (bottlenecks.length + agents.length > 0) return [...bottlenecks, ...agents].slice(0, 5);
  return usages.map(({ owner, resource, shares }) => ({
    id: `conclusion.free-${resource}`,
    params: { owner, mean: mean(shares), max: most(shares) },
  }));
}

/** Requests that wait at the target: whether they pile up. */
export function backlog(result: RunResult): Message[] {
  return result.monitors.flatMap(({ name }): Message[] => {
    const depths = QUEUE.test(name) ? monitorValues(result, name) : [];
    if (depths.length === 0) return [];
    const fifth = Math.max(1, Math.floor(depths.length / 5));
    const atFirst = mean(depths.slice(0, fifth));
    const atLast = mean(depths.slice(-fifth));
    const short = Math.max(SHORT_QUEUE, SHORT_QUEUE_SHARE_OF_VUS * mostVus(result));
    const deepest = most([...depths, ...monitorValues(result, `${name}_max`)]);
    const params = { name, least: least(depths), most: deepest, mean: mean(depths), atFirst, atLast };
    const grows = depths.length >= 10 && atLast > short && atLast > 3 * atFirst;
    const kind = grows ? 'growing' : mean(depths) <= short ? 'none' : 'some';
    return [{ id: `conclusion.backlog-${kind}`, params }];
  });
}

function monitored(result: RunResult): Usage[] {
  return result.monitors.flatMap(({ name }): Usage[] => {
    const owner = name.split('.', 1)[0] ?? name;
    const values = monitorValues(result, name);
    if (values.length === 0 || measuredSeconds(result).length === 0) return [];
    if (CPU.test(name)) return [{ owner, resource: 'cpu', shares: values }];
    if (MEMORY.test(name)) return [{ owner, resource: 'memory', shares: values }];
    const used = MEMORY_USED.exec(name)?.[1];
    const available = used === undefined ? [] : monitorValues(result, `${used}_bytes`);
    if (available.length !== values.length) return [];
    return [{ owner, resource: 'memory', shares: values.map((bytes, i) => bytes / (available[i] as number)) }];
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
