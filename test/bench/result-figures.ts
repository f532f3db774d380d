import { Histogram } from '../../core/stats/histogram.ts';
import type { PhaseResult, RunResult } from '../../core/stats/result.ts';

type Times = 'responseTime' | 'serviceTime' | 'sendDelay';

/** The measured phase of all operations of a run, merged. */
export function measured(result: RunResult) {
  const phases = result.operations.map(({ phases }) => phases.measure);
  const sum = (pick: (phase: PhaseResult) => number) => phases.reduce((total, phase) => total + pick(phase), 0);
  return {
    requests: sum(({ requests }) => requests),
    errors: sum(({ errors }) => errors),
    exampleOfError: phases.flatMap(({ errorKinds }) => errorKinds)[0]?.example,
    dropped: result.scenarios.reduce((total, { droppedArrivals }) => total + droppedArrivals, 0),
    times(name: Times): Histogram {
      const merged = new Histogram();
      for (const phase of phases) merged.addEncoded(phase[name]);
      return merged;
    },
  };
}
