import { syntheticWindow } from '../../agents/simulation/synthetic-window.ts';
import { equalShare, ownedCount } from '../../core/plan/load/split.ts';
import { Histogram } from '../../core/stats/histogram.ts';
import type { RunResult } from '../../core/stats/result.ts';

/**
 * Holds a result against what the simulated agents have sent, made anew here: every sample in one histogram.
 * @returns what differs; undefined when all agrees, bucket by bucket
 */
export function differenceFromSimulation(result: RunResult, agents: number, seconds: number): string | undefined {
  const operations = result.operations.length;
  const expected = Array.from({ length: operations }, () => ({
    responseTime: new Histogram(),
    serviceTime: new Histogram(),
    sendDelay: new Histogram(),
    errors: 0,
  }));
  for (let agent = 0; agent < agents; agent++) {
    const vus = [ownedCount(agents, equalShare(agent, agents))];
    for (let second = 0; second < seconds; second++) {
      const window = syntheticWindow({ runId: result.runId, agent, second, operations, warmupUs: 0, vus });
      for (const { operation, responseTime, serviceTime, sendDelay, errors } of window.operations) {
        const totals = expected[operation] as (typeof expected)[number];
        totals.responseTime.addEncoded(responseTime);
        totals.serviceTime.addEncoded(serviceTime);
        totals.sendDelay.addEncoded(sendDelay);
        totals.errors += errors;
      }
    }
  }
  for (const [i, { name, phases }] of result.operations.entries()) {
    const { errors, ...histograms } = expected[i] as (typeof expected)[number];
    if (phases.measure.errors !== errors) return `${name} has ${phases.measure.errors} errors of ${errors}`;
    for (const [figure, histogram] of Object.entries(histograms) as [keyof typeof histograms, Histogram][]) {
      if (JSON.stringify(phases.measure[figure]) !== JSON.stringify(histogram.encode())) return `${name}: ${figure}`;
    }
  }
  const notAgreed = result.agents.filter(({ closingTotals }) => closingTotals !== 'agree').length;
  return notAgreed === 0 ? undefined : `closing totals of ${notAgreed} agents`;
}
