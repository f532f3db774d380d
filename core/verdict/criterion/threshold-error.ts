import { BenchError } from '../../error.ts';
import { shown } from '../../plan/messages.ts';

/** A threshold that cannot be read. The message says what is wrong, at which column, and how to fix it. */
export class ThresholdError extends BenchError {
  override readonly name = 'ThresholdError';
  /** Index into the text of the criterion, from 0. */
  readonly position: number;

  constructor(text: string, position: number, problem: string) {
    super('invalid_threshold', `${shown(text)}, column ${position + 1}: ${problem}`);
    this.position = position;
  }
}
