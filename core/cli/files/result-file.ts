import { type ReadRuns, ResultError, readResult, readRuns } from '../../../reports/read-result.ts';
import { errorMessage } from '../../error.ts';
import { readRegularFile } from '../../regular-file.ts';
import type { RunResult } from '../../stats/result.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';

/** The result of a long run has tens of megabytes. */
const MAX_RESULT_BYTES = 256 << 20;

/** @throws {CommandError} when the file is missing, cut short, or not a result of this version */
export function loadResultFile(file: string): RunResult {
  return resultFrom(resultText(file), file);
}

/** As {@link loadResultFile}, also for the file of a baseline. */
export function loadRunsFile(file: string): ReadRuns {
  return readWith(readRuns, resultText(file), file);
}

function resultText(file: string): string {
  try {
    return readRegularFile(file, MAX_RESULT_BYTES).toString('utf8');
  } catch (error) {
    throw new CommandError(`The result file ${file} cannot be read: ${errorMessage(error)}.`, EXIT.invalidInput, {
      cause: error,
    });
  }
}

/** @param from what holds the text, for messages */
export function resultFrom(text: string, from: string): RunResult {
  return readWith(readResult, text, from);
}

function readWith<Read>(read: (text: string) => Read, text: string, from: string): Read {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof ResultError)
      throw new CommandError(`${from} ${error.message}`, EXIT.invalidInput, { cause: error });
    throw error;
  }
}
