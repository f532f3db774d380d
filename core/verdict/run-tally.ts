import type { Criterion } from './criterion.ts';
import { merged } from './distribution.ts';
import type { RunDraft } from './run-draft.ts';
import type { Selection } from './select.ts';
import { EMPTY_TALLY, type Tally } from './tally.ts';

/** What the criterion selects of its whole phase. */
export function tallyOfRun(draft: RunDraft, criterion: Criterion, selection: Selection): Tally {
  const phase = criterion.phase.name;
  const durationUs = phase === 'warmup' ? draft.warmupUs : draft.measuredUs;
  const inPhase = (second: number) => second * 1e6 < draft.warmupUs === (phase === 'warmup');
  const tally = { ...EMPTY_TALLY, durationUs };
  if (selection.kind === 'monitor') {
    const series = draft.monitors.find(({ name }) => name === selection.name);
    const values = series?.values.filter((_, i) => inPhase(series.seconds[i] as number)) ?? [];
    return { ...tally, values };
  }
  if (selection.kind === 'timing') {
    const timing = draft.timings.find(({ name }) => name === selection.name);
    return timing === undefined ? tally : { ...tally, durations: [timing.phases[phase]] };
  }
  const phases = draft.operations
    .filter((_, i) => selection.kind === 'run' || selection.indices.has(i))
    .map((operation) => operation.phases[phase]);
  const isService = criterion.time.name === 'service_time';
  const durations = merged(phases.map(({ responseTime, serviceTime }) => (isService ? serviceTime : responseTime)));
  return {
    ...tally,
    requests: phases.reduce((sum, { requests }) => sum + requests, 0),
    errors: phases.reduce((sum, { errors }) => sum + errors, 0),
    dropped: draft.timeline.droppedArrivals.reduce((sum, count, second) => sum + (inPhase(second) ? count : 0), 0),
    durations: [durations.encoded],
  };
}
