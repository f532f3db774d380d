import { stringify } from 'yaml';
import type { AgentResult, Environment, RunResult } from '../../core/stats/result.ts';
import { merged } from '../../core/verdict/distribution.ts';
import type { Lang } from '../../core/verdict/messages/message.ts';
import { formatBytes, formatCount, formatNumber, formatShare, formatSpan } from '../../core/verdict/quantity.ts';
import type { Labels } from '../labels/labels.ts';
import { percentile } from './results.ts';
import type { Section } from './section.ts';
import { bytes, type Cell, count, exactMs, left, NOTHING, right, share, type Table, text } from './table.ts';

/** The test setup. */
export function setup(result: RunResult, labels: Labels, lang: Lang): Section {
  const { plan, startedAt, measuredUs, warmupUs, scenarios, operations } = result;
  const rows: [string, string][] = [[labels['fact.plan'], plan.name]];
  if (plan.description !== undefined) rows.push([labels['fact.description'], plan.description]);
  if (plan.target !== undefined) rows.push([labels['fact.target'], plan.target]);
  for (const [name, { default: value }] of Object.entries(plan.params ?? {})) {
    rows.push([`${labels['fact.param']} ${name}`, String(value ?? '')]);
  }
  rows.push([labels['fact.start'], startedAt], [labels['fact.measured'], formatSpan(measuredUs, lang)]);
  if (warmupUs > 0) rows.push([labels['fact.warmup'], formatSpan(warmupUs, lang)]);
  for (const { name, executor, maxVus, droppedArrivals } of scenarios) {
    const own = operations.filter(({ scenario }) => scenario === name).map((operation) => operation.name);
    const vus = `${labels['column.users']} ≤ ${formatCount(maxVus)}`;
    rows.push([`${labels['fact.scenario']} ${name}`, `${executor}, ${vus}: ${own.join(', ')}`]);
    if (droppedArrivals > 0) rows.push([`${labels['fact.dropped']} (${name})`, formatCount(droppedArrivals)]);
  }
  return { id: 'setup', title: labels['section.setup'], table: factTable(rows, labels) };
}

export function agents({ agents: all }: RunResult, labels: Labels): Section {
  const isComplete = all.every(({ missing }) => missing.length === 0);
  const words = { agree: 'word.agree', differ: 'word.differ', missing: 'word.missing' } as const;
  return {
    id: 'agents',
    title: labels['section.agents'],
    note: labels['section.agents.note'],
    table: {
      columns: [
        left(labels['column.agent']),
        left(labels['column.host']),
        right(labels['column.requests']),
        right(labels['column.fails']),
        right(labels['column.median']),
        right(labels['column.p95']),
        right(labels['column.p99']),
        right(labels['column.cpu']),
        right(labels['column.hostCpu']),
        right(labels['column.memory']),
        right(labels['column.lag']),
        right(labels['column.clock']),
        right(labels['column.start']),
        left(labels['column.totals']),
        ...(isComplete ? [] : [left(labels['column.missing'])]),
      ],
      rows: all.map((agent): Cell[] => {
        const responseTime = merged([agent.responseTime]);
        const { mean, max } = agent.processCpuCores;
        return [
          text(agent.name),
          text(agent.environment.host),
          count(agent.requests),
          count(agent.errors, agent.errors > 0 ? 'bad' : undefined),
          ...[0.5, 0.95, 0.99].map((quantile) => percentile(responseTime, quantile)),
          { text: `${formatNumber(mean)} / ${formatNumber(max)}`, order: mean },
          share(agent.hostCpuShare.mean),
          bytes(agent.processMemoryBytes.max),
          exactMs(agent.loopLagUs.max),
          exactMs(agent.clockUncertaintyUs),
          exactMs(agent.startDelayUs),
          text(labels[words[agent.closingTotals]], agent.closingTotals === 'agree' ? 'good' : 'bad'),
          ...(isComplete ? [] : [text(missingOf(agent), agent.missing.length > 0 ? 'bad' : undefined)]),
        ];
      }),
    },
  };
}

/** Such as `12–16.5 s: 33.3%`. */
function missingOf({ missing }: AgentResult): string {
  return missing
    .map(({ fromSecond, toSecond, share: part }) => {
      return `${formatNumber(fromSecond)}–${formatNumber(toSecond)} s: ${formatShare(part)}`;
    })
    .join(', ');
}

export function environment(result: RunResult, labels: Labels): Section {
  const hosts = new Map<string, { names: string[]; environment: Environment }>();
  for (const { name, environment: of } of [
    { name: labels['word.control'], environment: result.control },
    ...result.agents,
  ]) {
    const key = JSON.stringify(of);
    const known = hosts.get(key);
    if (known === undefined) hosts.set(key, { names: [name], environment: of });
    else known.names.push(name);
  }
  const rows = [...hosts.values()].map(({ names, environment: of }): Cell[] => [
    text(names.length > 6 ? `${names.slice(0, 5).join(', ')}, +${names.length - 5}` : names.join(', ')),
    text(of.host),
    text(of.os),
    text(of.runtime),
    text(`${of.cpus} × ${of.cpuModel}`),
    bytes(of.memoryBytes),
  ]);
  const target = Object.entries(result.targetEnvironment);
  if (target.length > 0) {
    const told = target.map(([label, value]) => `${label} ${readable(label, value)}`).join(', ');
    rows.push([text(labels['word.target']), text(told), NOTHING, NOTHING, NOTHING, NOTHING]);
  }
  return {
    id: 'environment',
    title: labels['section.environment'],
    table: {
      columns: [
        left(labels['column.process']),
        left(labels['column.host']),
        left(labels['column.system']),
        left(labels['column.runtime']),
        left(labels['column.processor']),
        right(labels['column.memory']),
      ],
      rows,
    },
  };
}

/** Everything that is needed to repeat the run: command, seed, version and plan. */
export function reproduce(result: RunResult, labels: Labels): Section {
  const rows: [string, string][] = [
    [labels['fact.run'], result.runId],
    [labels['fact.seed'], String(result.seed)],
    [labels['fact.version'], result.toolVersion],
  ];
  if (result.command !== '') rows.push([labels['fact.command'], result.command]);
  return {
    id: 'reproduce',
    title: labels['section.reproduce'],
    table: factTable(rows, labels),
    code: { language: 'yaml', text: stringify(result.plan, { lineWidth: 0 }) },
  };
}

function factTable(rows: readonly (readonly [string, string])[], labels: Labels): Table {
  return {
    columns: [left(labels['column.what']), left(labels['column.value'])],
    rows: rows.map(([what, value]) => [text(what), text(value)]),
  };
}

function readable(label: string, value: string): string {
  return label.endsWith('_bytes') && /^\d+$/.test(value) ? formatBytes(Number(value)) : value;
}
