import type { Snapshot } from '../../../proto/gen/bench/v1/run_pb.ts';
import { printable } from '../../text/printable.ts';
import type { RunWatcher } from '../client/run-client.ts';
import type { Output } from '../output.ts';
import { type LiveState, liveLine, liveScreen } from './live.ts';

/** Without a terminal that can be redrawn, one line is printed for each such part of the run. */
const PLAIN_INTERVAL_US = 5e6;

/** Shows a run while it goes on: in a terminal a table that is redrawn in place, elsewhere a line every five seconds. */
export class RunView implements RunWatcher {
  readonly #output: Output;
  readonly #block: LiveBlock;
  #state: LiveState;
  #nextLineUs = PLAIN_INTERVAL_US;
  /** Warnings that were printed, without the figures in them, which change each second. */
  readonly #warned = new Set<string>();

  constructor(output: Output, planName: string, target: string) {
    this.#output = output;
    this.#block = new LiveBlock(output);
    this.#state = { planName, target, runId: '', activity: 'starting' };
  }

  started(runId: string): void {
    this.#change({ runId });
    if (!this.#output.isTerminal) {
      const { planName, target } = this.#state;
      this.#output.line(`run ${runId}: ${[planName, target].filter((part) => part !== '').join(', ')}`);
    }
  }

  activity(text: string): void {
    if (text === this.#state.activity) return;
    this.#change({ activity: printable(text) });
    if (!this.#output.isTerminal) this.#output.line(text);
  }

  snapshot(snapshot: Snapshot): void {
    this.#change({ snapshot });
    if (this.#output.isTerminal || snapshot.elapsedUs < this.#nextLineUs) return;
    while (this.#nextLineUs <= snapshot.elapsedUs) this.#nextLineUs += PLAIN_INTERVAL_US;
    this.#output.line(liveLine(this.#state));
    for (const warning of snapshot.warnings) this.#warnOnce(warning);
  }

  notice(text: string): void {
    if (this.#output.isTerminal) this.#block.log(printable(text));
    else this.#output.line(text);
  }

  traced(text: string): void {
    for (const line of text.split('\n')) this.notice(line);
  }

  /** Removes the live table before the result is printed. */
  end(): void {
    if (this.#output.isTerminal) this.#block.clear();
  }

  #warnOnce(warning: string): void {
    const kind = warning.replace(/\d+/g, '');
    if (!this.#warned.has(kind)) this.#output.line(`  ! ${warning}`);
    this.#warned.add(kind);
  }

  #change(change: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...change };
    if (!this.#output.isTerminal) return;
    this.#block.draw(liveScreen(this.#state, this.#output.columns(), this.#output.rows(), this.#output.paint));
  }
}

/** Lines at the end of a terminal that are redrawn in place, with a log scrolling above them. */
class LiveBlock {
  readonly #output: Pick<Output, 'redraw'>;
  #drawn: readonly string[] = [];

  constructor(output: Pick<Output, 'redraw'>) {
    this.#output = output;
  }

  draw(lines: readonly string[]): void {
    this.#output.redraw(this.#drawn.length, lines);
    this.#drawn = lines;
  }

  /** Puts a line above the block, where it stays. */
  log(line: string): void {
    this.#output.redraw(this.#drawn.length, [line, ...this.#drawn]);
  }

  /** Removes the block. */
  clear(): void {
    this.draw([]);
  }
}
