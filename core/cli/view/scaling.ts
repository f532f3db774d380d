import { bestNumber, type CapacityNeed } from '../../verdict/capacity/machines.ts';
import { throughputAt } from '../../verdict/capacity/scalability.ts';
import type { ScaledPlan, Scaling } from '../../verdict/conclusion/scaling.ts';
import { formatCount, formatNumber, formatRate, formatShare } from '../../verdict/quantity.ts';
import type { Paint } from '../output.ts';
import { bullet } from './cells.ts';
import { type Column, renderTable } from './table.ts';

const TITLES: readonly Column[] = ['Machines', 'Requests/s', 'By the law', 'Of as many alone'].map((title) => ({
  title,
  align: 'right',
  spare: 0,
}));
/** A curve through runs with a few machines says little of many more. */
const FAR = 2;

/** What was measured beside the law, what the law says, and how many machines a need takes. */
export function scalingScreen(
  scaling: Scaling,
  plan: (CapacityNeed & ScaledPlan) | undefined,
  columns: number,
  paint: Paint,
): string[] {
  const { measured, fit } = scaling;
  const alone = (measured[0]?.perSecond ?? 0) / (measured[0]?.machines ?? 1);
  const rows = measured.map(({ machines, perSecond }) => ({
    cells: [
      formatCount(machines),
      formatRate(perSecond),
      formatRate(throughputAt(fit, machines)),
      formatShare(perSecond / (machines * alone)),
    ],
  }));
  const sentences = [law(scaling), ...(plan === undefined ? [] : planSentences(scaling, plan))];
  return [
    ...renderTable(TITLES, rows, columns, paint),
    '',
    ...sentences.flatMap((sentence) => bullet(sentence, columns)),
  ];
}

function law({ measured, fit }: Scaling): string {
  const { misfit, contention, coherence, errors, peak, ceiling } = fit;
  const figures = `${parameter('contention', contention, errors.contention)}, ${parameter('coherence cost', coherence, errors.coherence)}`;
  const by = `By the Universal Scalability Law over ${measured.length} runs (error ${formatShare(misfit)}; ${figures}) throughput`;
  if (peak !== undefined) {
    const best = bestNumber(fit);
    return `${by} is highest with ${machinesText(best)}, ${formatRate(throughputAt(fit, best))}/s.`;
  }
  if (ceiling !== undefined) return `${by} approaches ${formatRate(ceiling)}/s and does not fall.`;
  return `${by} grows with the machines as far as was measured.`;
}

function parameter(name: string, value: number, error: number): string {
  return value === 0 ? `no ${name}` : `${name} ${formatNumber(value)} ± ${formatNumber(error)}`;
}

function planSentences({ measured }: Scaling, plan: CapacityNeed & ScaledPlan): string[] {
  const { need, reserve, machines, withReserve, independent } = plan;
  const most = measured.at(-1)?.machines ?? 1;
  const wanted = withReserve ?? machines;
  return [
    machines === undefined
      ? `For ${formatRate(need)}/s no number of machines is enough: what they share has to become faster.`
      : `For ${formatRate(need)}/s: ${machinesText(machines)}${reserveText(reserve, withReserve)}.`,
    `If each did as much beside others as alone: ${machinesText(independent.machines)}${reserveText(reserve, independent.withReserve)}.`,
    ...(wanted !== undefined && wanted > FAR * most
      ? [
          `${machinesText(wanted)} are more than ${FAR} times the ${formatCount(most)} that were measured: measure with more before you rely on it.`,
        ]
      : []),
  ];
}

function reserveText(reserve: number, machines: number | undefined): string {
  if (reserve === 1) return '';
  const enough = machines === undefined ? 'no number is enough' : machinesText(machines);
  return `; with a reserve (${formatNumber(reserve)} times) ${enough}`;
}

function machinesText(machines: number): string {
  return machines === 1 ? '1 machine' : `${formatCount(machines)} machines`;
}
