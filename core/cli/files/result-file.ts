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
  return readWith(readResult, file);
}

/** As {@link loadResultFile}, also for the file of a baseline. */
export function loadRunsFile(file: string): ReadRuns {
  return readWith(readRuns, file);
}

function readWith<Read>(read: (text: string) => Read, file: string): Read {
  try {
    return read(resultText(file));
  } catch (error) {
    if (!(error instanceof ResultError)) throw error;
    throw new CommandError(`${file} ${error.message}`, EXIT.invalidInput, { cause: error });
  }
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

/**
 * Reads the result of a run as control gives it.
 * @throws {CommandError} that blames no flag: whoever gave the run's id could not know
 */
export function storedResult(json: string, runId: string): RunResult {
  try {
    return readResult(json);
  } catch (error) {
    if (!(error instanceof ResultError)) throw error;
    const { fault, message } = error;
    const lasts = `; reports that were written of it before stay good, and \`bench delete ${runId}\` deletes the run`;
    const advice = fault === message ? '' : lasts;
    throw new CommandError(`The result of run ${runId} ${fault}${advice}.`, EXIT.error, { cause: error });
  }
}
