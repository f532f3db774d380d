import type { ParsedPlan } from '../../core/plan/schema.ts';
import type { RunResult } from '../../core/stats/result.ts';
import { machinesFor } from '../../core/verdict/capacity/machines.ts';
import { fits, scalabilityOf, shownCapacity } from '../../core/verdict/conclusion/capacity.ts';
import type { Levels } from '../../core/verdict/conclusion/levels.ts';
import { formatCount, formatNumber, formatRate, formatShare } from '../../core/verdict/quantity.ts';
import type { Labels } from '../labels/labels.ts';
import type { Section } from './section.ts';
import { left, right, text } from './table.ts';

/** How many machines the plan's need takes, and the law that its levels follow; undefined where the plan has no need. */
export function capacity(
  result: RunResult,
  { capacity: need }: ParsedPlan,
  levels: Levels,
  labels: Labels,
): Section | undefined {
  if (need === undefined) return undefined;
  const found = shownCapacity(result, levels);
  const law = scalabilityOf(levels);
  const facts: [string, string][] = [[labels['fact.need'], `${formatRate(need.need)}/s`]];
  if (found !== undefined) {
    const { machines, withReserve } = machinesFor(need, found.perSecond);
    facts.push([labels['fact.perMachine'], `${found.isLeast ? '≥ ' : ''}${formatRate(found.perSecond)}/s`]);
    facts.push([labels['fact.machines'], formatCount(machines)]);
    if (need.reserve > 1) {
      facts.push([`${labels['fact.withReserve']} × ${formatNumber(need.reserve)}`, formatCount(withReserve)]);
    }
  }
  if (law !== undefined) {
    const { contention, coherence, misfit, errors } = law;
    facts.push([labels['fact.misfit'], formatShare(misfit)]);
    if (fits(law)) {
      facts.push([labels['fact.contention'], `${formatNumber(contention)} ± ${formatNumber(errors.contention)}`]);
      facts.push([labels['fact.coherence'], `${formatNumber(coherence)} ± ${formatNumber(errors.coherence)}`]);
    }
  }
  return {
    id: 'capacity',
    title: labels['section.capacity'],
    note: labels['section.capacity.note'],
    table: {
      columns: [left(labels['column.what']), right(labels['column.value'])],
      rows: facts.map(([name, value]) => [text(name), text(value)]),
    },
  };
}
