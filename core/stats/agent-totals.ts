import { EMPTY_HISTOGRAM, type EncodedHistogram } from './histogram.ts';
import { countOf, mergeEncoded } from './merge-encoded.ts';
import type { AgentResult, Summary } from './result.ts';
import type { ClosingTotal, HostSample, Phase, Window } from './window.ts';

/** What an agent says at its end that its windows add up to. */
export interface AgentClosing {
  readonly totals: readonly ClosingTotal[];
  readonly acknowledged: number;
  readonly unknown: number;
}

/** The part of an {@link AgentResult} that its windows tell. */
export type AgentFigures = Pick<
  AgentResult,
  | 'requests'
  | 'errors'
  | 'responseTime'
  | 'processCpuCores'
  | 'hostCpuShare'
  | 'hostMemoryShare'
  | 'processMemoryBytes'
  | 'loopLagUs'
>;

interface Counted {
  count: number;
  errors: number;
  responseSumUs: number;
  serviceSumUs: number;
}

/** All that came from one agent. There may be thousands: no dense histogram in here. */
export class AgentTotals {
  readonly #counted = new Map<string, Counted>();
  readonly #host = {
    processCpuCores: new SummaryOf(),
    hostCpuShare: new SummaryOf(),
    hostMemoryShare: new SummaryOf(),
    processMemoryBytes: new SummaryOf(),
    loopLagMaxUs: new SummaryOf(),
  } satisfies Partial<Record<keyof HostSample, SummaryOf>>;
  #responseTime: EncodedHistogram = EMPTY_HISTOGRAM;
  #acknowledged = 0;
  #unknown = 0;

  add(window: Window): void {
    for (const { operation, phase, errors, responseTime, serviceTime } of window.operations) {
      const key = slotName(operation, phase);
      const counted = this.#counted.get(key) ?? { count: 0, errors: 0, responseSumUs: 0, serviceSumUs: 0 };
      counted.count += countOf(responseTime);
      counted.errors += errors;
      counted.responseSumUs += responseTime.sumUs;
      counted.serviceSumUs += serviceTime.sumUs;
      this.#counted.set(key, counted);
      if (phase === 'measure') this.#responseTime = mergeEncoded(this.#responseTime, responseTime);
    }
    for (const { acknowledged, unknown } of window.writes) {
      this.#acknowledged += acknowledged;
      this.#unknown += unknown;
    }
    for (const [name, summary] of Object.entries(this.#host)) summary.add(window.host[name as keyof typeof this.#host]);
  }

  figures(): AgentFigures {
    let requests = 0;
    let errors = 0;
    for (const counted of this.#counted.values()) {
      requests += counted.count;
      errors += counted.errors;
    }
    return {
      requests,
      errors,
      responseTime: this.#responseTime,
      processCpuCores: this.#host.processCpuCores.summary(),
      hostCpuShare: this.#host.hostCpuShare.summary(),
      hostMemoryShare: this.#host.hostMemoryShare.summary(),
      processMemoryBytes: this.#host.processMemoryBytes.summary(),
      loopLagUs: this.#host.loopLagMaxUs.summary(),
    };
  }

  /**
   * Compares the agent's own totals with what was merged of it.
   * @returns a clause for each figure that differs; none when all agree
   */
  differences(closing: AgentClosing): string[] {
    const said = new Map(closing.totals.map((total) => [slotName(total.operation, total.phase), total]));
    const differences: string[] = [];
    const compare = (what: string, agent: number, merged: number) => {
      if (agent !== merged) differences.push(`${what}: ${agent} at the agent, ${merged} merged`);
    };
    for (const slot of new Set([...said.keys(), ...this.#counted.keys()])) {
      for (const figure of ['count', 'errors', 'responseSumUs', 'serviceSumUs'] as const) {
        compare(`${figure} of ${slot}`, said.get(slot)?.[figure] ?? 0, this.#counted.get(slot)?.[figure] ?? 0);
      }
    }
    compare('acknowledged writes', closing.acknowledged, this.#acknowledged);
    compare('writes without an answer', closing.unknown, this.#unknown);
    return differences;
  }
}

function slotName(operation: number, phase: Phase): string {
  return `operation ${operation} (${phase})`;
}

class SummaryOf {
  #count = 0;
  #sum = 0;
  #max = 0;

  add(value: number): void {
    this.#count++;
    this.#sum += value;
    if (value > this.#max) this.#max = value;
  }

  summary(): Summary {
    return { mean: this.#count === 0 ? 0 : this.#sum / this.#count, max: this.#max };
  }
}
