import type { Criterion } from '../criterion.ts';

/**
 * A criterion on a monitor whose limit is a percentage of a baseline's figure, such as `target.memory_bytes max <= baseline + 10%`: its
 * text does not tell it from the timing of a driver, so the plan's monitors do. Any other criterion stays as it is.
 * @param monitors the names of the plan's monitors
 */
export function inUnitOfMonitor(criterion: Criterion, monitors: readonly string[]): Criterion {
  const { subject, limit } = criterion;
  const [prefix = ''] = subject?.name.split('.', 1) ?? [];
  if (limit.unit !== 'us' || limit.baseline?.isShare !== true || subject?.name === prefix) return criterion;
  return monitors.includes(prefix) ? { ...criterion, limit: { ...limit, unit: 'bare' } } : criterion;
}
