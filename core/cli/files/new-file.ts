import { BenchError } from '../../error.ts';
import { reasonOf } from '../../text/system-reason.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { createFile, reportPlace, writeReport } from './report-path.ts';

/**
 * Writes a file that a command makes for its user.
 * @param replaces whether one that is there already may be lost
 * @throws {CommandError} when there is one, when a link on the way belongs to another user, or it cannot be written
 */
export async function writeNewFile(file: string, text: string, replaces: boolean): Promise<void> {
  try {
    const place = await reportPlace(file);
    await (replaces ? writeReport(place, text, 'kept') : createFile(place, text));
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const message = exists
      ? `${file} is there already: name another file, or add --force to replace it.`
      : `${file} cannot be written: ${reasonOf(error)}.`;
    const isInput = exists || error instanceof BenchError;
    throw new CommandError(message, isInput ? EXIT.invalidInput : EXIT.error, { cause: error });
  }
}
