import type { RunResult } from '../../stats/result.ts';
import type { Message } from '../../text/message.ts';
import { merged } from '../distribution.ts';
import {
  least,
  type MonitorSample,
  measuredSeconds,
  monitorSamples,
  monitorValues,
  most,
  mostVus,
} from '../measured.ts';
import { agentHosts, FULL_HOST_SHARE } from '../validity/cause.ts';
import { shortList } from '../validity/finding.ts';

/** A resource that is used to this share has nothing left to give. */
const FULL_SHARE = 0.9;
/** It can be the bottleneck if it is full for at least this share of the time. */
const FULL_TIME_SHARE = 0.1;
/** Full for this share of the time, there are too few other seconds to compare with. */
const ALWAYS_FULL = 0.8;
/** The load suffers with a full resource if its mean response time is this many times that of the other seconds. */
const SUFFERED = 1.2;
/** A single process with this much of a core cannot use much more. */
const FULL_CORES = 0.9;
/** Up to this many waiting requests, or this share of the virtual users, nothing piles up. */
const SHORT_QUEUE = 5;
const SHORT_QUEUE_SHARE_OF_VUS = 0.1;
const MAX_SENTENCES = 5;

const CPU = /cpu_(share|ratio|utilization)$/;
const HOST = /host_cpu/;
const MEMORY = /memory(_used)?_(share|ratio|utilization)$/;
const MEMORY_USED = /^(.*memory)_used_bytes$/;
const QUEUE = /queue_depth$/;

/** How much of a resource of the target is in use, second by second. */
interface Usage {
  readonly owner: string;
  readonly resource: 'cpu' | 'host-cpu' | 'memory';
  readonly samples: readonly MonitorSample[];
  /** Over all samples as they came. */
  readonly mean: number;
  /** CPU cores that the owner's own process used; empty where its monitor does not say. */
  readonly own: number | '';
}

/**
 * CPU and memory of the target, as its monitors report them, and of the agents with their hosts. A full resource of the
 * target is called the bottleneck only if the run shows a limit and the load suffered while the resource was full.
 *
 * @param isLimited whether a criterion on speed failed, or the load levels show a limit
 */
export function resources(result: RunResult, isLimited: boolean): Message[] {
  const usages = monitored(result);
  const full = usages.filter(({ samples }) => fullSeconds(samples).length >= FULL_TIME_SHARE * samples.length);
  const told = full.map((usage) => {
    const suffered = isLimited && hasSuffered(result, usage);
    return usageMessage(suffered ? 'bottleneck' : 'nearly-full', usage);
  });
  const all = [...told, ...agentMessages(result)];
  return all.length > 0 ? all.slice(0, MAX_SENTENCES) : usages.map((usage) => usageMessage('free', usage));
}

function usageMessage(kind: string, { owner, resource, samples, mean, own }: Usage): Message {
  const max = most(samples.map(({ value }) => value));
  return { id: `conclusion.${kind}-${resource}`, params: { owner, mean, max, own } };
}

function fullSeconds(samples: readonly MonitorSample[]): MonitorSample[] {
  return samples.filter(({ value }) => value > FULL_SHARE);
}

/** Whether response times were higher, or more arrivals were dropped, while the resource was full. */
function hasSuffered(result: RunResult, { samples }: Usage): boolean {
  const full = new Set(fullSeconds(samples).map(({ second }) => second));
  if (full.size >= ALWAYS_FULL * samples.length) return true;
  const { timeline } = result;
  const seconds = measuredSeconds(result);
  const [during, otherwise] = [true, false].map((wanted) => {
    const own = seconds.filter((second) => full.has(second) === wanted);
    const { meanUs } = merged(own.flatMap((second) => timeline.responseTimes[second] ?? []));
    const dropped = own.reduce((sum, second) => sum + (timeline.droppedArrivals[second] ?? 0), 0);
    return { meanUs, droppedPerSecond: own.length === 0 ? 0 : dropped / own.length };
  }) as [Record<'meanUs' | 'droppedPerSecond', number>, Record<'meanUs' | 'droppedPerSecond', number>];
  return during.meanUs >= SUFFERED * otherwise.meanUs || during.droppedPerSecond > otherwise.droppedPerSecond;
}

/** Hosts and processes of agents that have little left, each with what the agents and all processes used. */
function agentMessages({ agents, plan, timeline: { vus } }: RunResult): Message[] {
  if (vus.length < 2) return [];
  const shared = isLoopback(plan.target) ? 'yes' : '';
  const hosts = agentHosts(agents)
    .filter(({ hostShare }) => hostShare >= FULL_HOST_SHARE)
    .map(({ names, hostShare, agentsShare }): Message => {
      const kind = agentsShare >= hostShare / 2 ? 'own' : 'others';
      const params = { names: shortList(names), mean: hostShare, agents: agentsShare, shared };
      return { id: `conclusion.agent-host-${kind}`, params };
    });
  const memory = agents
    .filter(({ hostMemoryShare }) => hostMemoryShare.mean > FULL_SHARE)
    .map(({ name, hostMemoryShare, processMemoryBytes }): Message => {
      const params = { names: [name], mean: hostMemoryShare.mean, agentBytes: processMemoryBytes.max };
      return { id: 'conclusion.agent-host-memory', params };
    });
  const busy = agents.filter(({ processCpuCores }) => processCpuCores.mean > FULL_CORES);
  if (busy.length === 0) return [...hosts, ...memory];
  const params = {
    names: shortList(busy.map(({ name }) => name)),
    mean: mean(busy.map(({ processCpuCores }) => processCpuCores.mean)),
    max: most(busy.map(({ processCpuCores }) => processCpuCores.max)),
  };
  return [...hosts, ...memory, { id: 'conclusion.agent-process', params }];
}

function isLoopback(target: string | undefined): boolean {
  return /^\w+:\/\/([^@/]*@)?(localhost|127\.[\d.]+|\[::1\])(?=[:/?#]|$)/i.test(target ?? '');
}

/** Whether requests that wait at the target pile up. */
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
  const usages = result.monitors.flatMap(({ name }): Usage[] => {
    const owner = name.split('.', 1)[0] ?? name;
    const samples = monitorSamples(result, name);
    if (samples.length === 0 || measuredSeconds(result).length === 0) return [];
    if (CPU.test(name)) {
      const cores = HOST.test(name) ? monitorValues(result, `${owner}.cpu_cores`) : [];
      const own = cores.length === 0 ? '' : mean(cores);
      const resource = HOST.test(name) ? 'host-cpu' : 'cpu';
      return [{ owner, resource, samples: overTwoSamples(samples), mean: meanOf(samples), own }];
    }
    if (MEMORY.test(name)) return [{ owner, resource: 'memory', samples, mean: meanOf(samples), own: '' }];
    const used = MEMORY_USED.exec(name)?.[1];
    const available = used === undefined ? [] : monitorValues(result, `${used}_bytes`);
    // A container without a limit says 0.
    if (available.length !== samples.length || available.some((bytes) => !(bytes > 0))) return [];
    const shares = samples.map(({ second, value }, i) => ({ second, value: value / (available[i] as number) }));
    return [{ owner, resource: 'memory', samples: shares, mean: meanOf(shares), own: '' }];
  });
  return usages.filter(({ samples }) => samples.length > 0);
}

/**
 * Each sample averaged with the one before it. Hosts update their CPU counters in steps, so one second alone may show
 * all of what two seconds used, and the next one nothing. A single sample says nothing.
 */
function overTwoSamples(samples: readonly MonitorSample[]): MonitorSample[] {
  return samples.slice(1).map(({ second, value }, i) => {
    return { second, value: Math.min(1, Math.max(0, (value + (samples[i] as MonitorSample).value) / 2)) };
  });
}

function meanOf(samples: readonly MonitorSample[]): number {
  return mean(samples.map(({ value }) => value));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
