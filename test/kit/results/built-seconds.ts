import type { ResolvedOperation } from '../../../core/plan/resolved-operation.ts';
import { isTimeout } from '../../../core/stats/error-kinds.ts';
import type { EncodedHistogram } from '../../../core/stats/histogram.ts';
import type { SecondOperation, SettledSecond } from '../../../core/stats/second.ts';
import type { Phase } from '../../../core/stats/window.ts';
import { evenly, type OperationShape, Sequence } from './samples.ts';

/** A stretch of seconds with the same load. */
export interface Stretch {
  readonly seconds: number;
  readonly vus: number;
  readonly phase?: Phase;
  readonly dropped?: number;
  readonly operations: Readonly<Record<string, OperationShape>>;
  readonly monitors?: Readonly<Record<string, readonly number[]>>;
  readonly cpuCores?: number;
  readonly loopLagMs?: number;
}

/** One second of a run, and what the run's totals take from it. */
export interface BuiltSecond {
  readonly settled: SettledSecond;
  readonly stretch: Stretch;
  readonly sendDelays: readonly EncodedHistogram[];
  readonly kinds: readonly Readonly<Record<string, number>>[];
}

export function builtSeconds(stretches: readonly Stretch[], operations: readonly ResolvedOperation[]): BuiltSecond[] {
  const built: BuiltSecond[] = [];
  const sequences = operations.map(() => new Sequence());
  for (const stretch of stretches) {
    for (let i = 0; i < stretch.seconds; i++) {
      const second = built.length;
      const sendDelays: EncodedHistogram[] = [];
      const kinds: Record<string, number>[] = [];
      const samples = operations.flatMap((operation): SecondOperation[] => {
        const shape = stretch.operations[operation.name];
        const { response, service, delay } = (sequences[operation.index] as Sequence).draw(shape, i);
        const failed = Object.entries(shape?.fails ?? {}).map(([kind, share]) => {
          return [kind, evenly(shape?.perSecond ?? 0, i, share)] as const;
        });
        sendDelays.push(delay.encode());
        kinds.push(Object.fromEntries(failed.filter(([, count]) => count > 0)));
        if (response.count === 0) return [];
        return [
          {
            operation: operation.index,
            phase: stretch.phase ?? 'measure',
            requests: response.count,
            errors: failed.reduce((sum, [, count]) => sum + count, 0),
            timeouts: failed.reduce((sum, [kind, count]) => sum + (isTimeout(kind) ? count : 0), 0),
            responseTime: response.encode(),
            serviceTime: service.encode(),
          },
        ];
      });
      const monitors = Object.entries(stretch.monitors ?? {}).map(([name, values]) => [
        name,
        values[i % values.length],
      ]);
      const settled: SettledSecond = {
        second,
        operations: samples,
        timings: [],
        vus: stretch.vus,
        droppedArrivals: stretch.dropped ?? 0,
        loopLagUs: (stretch.loopLagMs ?? 3) * 1e3,
        agentCpuCores: stretch.cpuCores ?? 0.18,
        cpuWaitShare: 0,
        monitors: Object.fromEntries(monitors),
      };
      built.push({ settled, stretch, sendDelays, kinds });
    }
  }
  return built;
}
