import type { ResolvedPlan } from '../../core/plan/resolve.ts';
import type { Outcome } from '../../core/plugin.ts';
import { hideInText, isSensitive } from '../../core/secrets/credentials.ts';
import type { ScriptRow } from '../../core/stats/window.ts';
import { exchangeLines } from '../../core/text/exchange.ts';
import { oneLine } from '../../core/text/printable.ts';
import { type HideSecrets, shownMessage } from './failure-samples.ts';
import { Recorder } from './recorder.ts';

/** Every operation, for a run of one pass, or only those that fail. */
export type TraceMode = 'all' | 'failed';

/** How many operations of one agent are traced at the most: a person reads them. */
const MAX_TRACES: Readonly<Record<TraceMode, number>> = { all: 1000, failed: 20 };
const MAX_BODY = 4096;
const MAX_VALUE = 200;
const HIDDEN = '***';

/** What a trace says of an operation's row. */
export interface TracedRow {
  /** With its scenario, where the plan has several. */
  readonly label: string;
  readonly type: string;
}

/** The rows of a plan, by the index that the recorder gets. */
export function tracedRows({ plan, operations, journeys }: ResolvedPlan): TracedRow[] {
  const names = Object.keys(plan.scenarios);
  const label = (scenario: number, name: string) => (names.length > 1 ? `${names[scenario]} · ${name}` : name);
  return [
    ...operations.map(({ scenario, name, type }) => ({ label: label(scenario, name), type })),
    ...journeys.map(({ name }) => ({ label: name, type: 'pass' })),
  ];
}

/** Tells what each operation sent and what came back, as text for a terminal, as soon as it has ended. */
export class Tracer {
  readonly #mode: TraceMode;
  readonly #rows: TracedRow[];
  readonly #hide: HideSecrets;
  readonly #emit: (text: string) => void;
  #left: number;

  /**
   * @param rows by the index that the recorder gets
   * @param emit is given one operation at a time: lines, without a break at the end
   */
  constructor(mode: TraceMode, rows: readonly TracedRow[], hide: HideSecrets, emit: (text: string) => void) {
    this.#mode = mode;
    this.#rows = [...rows];
    this.#hide = hide;
    this.#emit = emit;
    this.#left = MAX_TRACES[mode];
  }

  /** Names a row that comes at run time. */
  name(row: number, traced: TracedRow): void {
    this.#rows[row] = traced;
  }

  /** @param errorKind empty for an operation that succeeds */
  wants(errorKind: string): boolean {
    return this.#left > 0 && (this.#mode === 'all' || errorKind !== '');
  }

  /** Called with each operation and each pass when it ends. */
  add(row: number, outcome: Outcome, durationUs: number): void {
    if (!this.wants(outcome.ok ? '' : outcome.errorKind)) return;
    this.#left--;
    const lines = [this.#headline(row, outcome, durationUs), ...this.#details(outcome).map((line) => `  ${line}`)];
    this.#emit(lines.join('\n'));
  }

  #headline(row: number, { ok, status, detail }: Outcome, durationUs: number): string {
    const { label = '', type = '' } = this.#rows[row] ?? {};
    const { connectUs, firstByteUs } = detail ?? {};
    const times = [
      ...(connectUs === undefined ? [] : [`connect ${ms(connectUs)}`]),
      ...(firstByteUs === undefined ? [] : [`first byte ${ms(firstByteUs)}`]),
    ];
    const parts = [label, type, ...(status > 0 ? [String(status)] : []), ms(durationUs)];
    return `${ok ? '✓' : '✗'} ${parts.join('  ')}${times.length > 0 ? ` (${times.join(', ')})` : ''}`;
  }

  #details({ ok, errorKind, message, detail }: Outcome): string[] {
    const shown = (text: string, max?: number) => oneLine(hideInText(this.#hide(text)), max);
    const exchange = {
      sent: shownMessage(detail?.sent, this.#hide, MAX_BODY),
      received: shownMessage(detail?.received, this.#hide, MAX_BODY),
    };
    const variables = Object.entries(detail?.variables ?? {}).map(([name, value]) => {
      return `= ${shown(name)}: ${isSensitive(name) ? HIDDEN : shown(value, MAX_VALUE)}`;
    });
    return [...(ok ? [] : [shown(`${errorKind}: ${message}`)]), ...exchangeLines(exchange), ...variables];
  }
}

function ms(us: number): string {
  return `${(us / 1000).toFixed(1)} ms`;
}

/** A recorder that tells of each sample too. A class of its own, so that nothing is asked where nothing is traced. */
export class TracingRecorder extends Recorder {
  readonly #tracer: Tracer;

  constructor(tracer: Tracer, ...args: ConstructorParameters<typeof Recorder>) {
    super(...args);
    this.#tracer = tracer;
  }

  override record(...args: Parameters<Recorder['record']>): void {
    super.record(...args);
    const [row, , startUs, endUs, outcome] = args;
    this.#tracer.add(row, outcome, endUs - startUs);
  }

  override wantsDetail(operation: number | undefined, errorKind: string): boolean {
    return this.#tracer.wants(errorKind) || super.wantsDetail(operation, errorKind);
  }

  override scriptRow(row: ScriptRow): number {
    const number = super.scriptRow(row);
    this.#tracer.name(number, { label: row.name, type: row.type });
    return number;
  }
}
