import { PluginError, type Ratio } from '../../core/plugin.ts';
import {
  MAX_RATIOS,
  MAX_VOID_REASON,
  MAX_WINDOW_COUNT,
  type Phase,
  type RatioWindow,
} from '../../core/stats/window.ts';

const PHASES = ['warmup', 'measure'] as const;

interface Counts {
  hits: number;
  of: number;
}

interface Recorded extends Record<Phase, Counts> {
  /** Until it has been in a window. */
  voidReason: string | undefined;
}

/** The ratios that drivers count: in the open window only, which control adds up. */
export class RecordedRatios {
  readonly #ratios = new Map<string, Recorded>();
  readonly #phaseNow: () => Phase;
  /** Attempts in the open window, of all ratios. */
  #attempts = 0;

  /** @param phaseNow the phase of what is counted now */
  constructor(phaseNow: () => Phase) {
    this.#phaseNow = phaseNow;
  }

  /**
   * The same name gives the same ratio.
   * @throws {PluginError} when there are too many names
   */
  ratio(name: string): Ratio {
    const recorded = this.#recorded(name);
    return {
      add: (hits, of) => {
        if (!(Number.isSafeInteger(hits) && Number.isSafeInteger(of) && hits >= 0 && hits <= of)) {
          throw new PluginError(
            `the ratio ${name} was given ${hits} of ${of}: both must be whole numbers, and 0 ≤ hits ≤ attempts`,
          );
        }
        if (this.#attempts + of > MAX_WINDOW_COUNT) {
          throw new PluginError(
            `the ratio ${name} was given ${of} attempts: an agent may count at most ${MAX_WINDOW_COUNT.toLocaleString('en')} in a second, all ratios together; count in larger units, such as megabytes for bytes`,
          );
        }
        this.#attempts += of;
        const counts = recorded[this.#phaseNow()];
        counts.hits += hits;
        counts.of += of;
      },
      void: (reason) => {
        recorded.voidReason ??= String(reason).slice(0, MAX_VOID_REASON) || 'the driver gives no reason';
      },
    };
  }

  /** The run begins in its warm-up: what was counted before belongs to it. */
  startInWarmup(): void {
    for (const { warmup, measure } of this.#ratios.values()) {
      warmup.hits += measure.hits;
      warmup.of += measure.of;
      measure.hits = 0;
      measure.of = 0;
    }
  }

  /** What was counted in the open window, which begins anew. */
  take(): RatioWindow[] {
    const taken: RatioWindow[] = [];
    this.#attempts = 0;
    for (const [name, recorded] of this.#ratios) {
      for (const phase of PHASES) {
        const counts = recorded[phase];
        const { hits, of } = counts;
        const voidReason = phase === 'measure' ? recorded.voidReason : undefined;
        if (of === 0 && voidReason === undefined) continue;
        taken.push({ name, phase, hits, of, ...(voidReason !== undefined && { voidReason }) });
        counts.hits = 0;
        counts.of = 0;
      }
      recorded.voidReason = undefined;
    }
    return taken;
  }

  #recorded(name: string): Recorded {
    let recorded = this.#ratios.get(name);
    if (recorded === undefined) {
      if (this.#ratios.size === MAX_RATIOS) {
        throw new PluginError(
          `there are ${MAX_RATIOS} ratios already, and an agent may have no more: use fewer names than ${name}, without ids in them`,
        );
      }
      recorded = { warmup: { hits: 0, of: 0 }, measure: { hits: 0, of: 0 }, voidReason: undefined };
      this.#ratios.set(name, recorded);
    }
    return recorded;
  }
}
