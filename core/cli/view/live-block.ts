import type { Output } from '../output.ts';

/** Lines at the end of a terminal that are drawn over again in place, with a log scrolling above them. */
export class LiveBlock {
  readonly #output: Pick<Output, 'write'>;
  #drawn: readonly string[] = [];

  constructor(output: Pick<Output, 'write'>) {
    this.#output = output;
  }

  draw(lines: readonly string[]): void {
    this.#output.write(`${this.#toStart()}${lines.map((line) => `${line}\n`).join('')}`);
    this.#drawn = lines;
  }

  /** A line above the block that stays. */
  log(line: string): void {
    this.#output.write(`${this.#toStart()}${line}\n${this.#drawn.map((drawn) => `${drawn}\n`).join('')}`);
  }

  /** Takes the block away. */
  clear(): void {
    this.#output.write(this.#toStart());
    this.#drawn = [];
  }

  #toStart(): string {
    return this.#drawn.length === 0 ? '' : `\u001b[${this.#drawn.length}A\r\u001b[J`;
  }
}
