import { readFile } from 'node:fs/promises';
import { ResultError, readResult } from '../../../reports/read-result.ts';
import type { RunResult } from '../../stats/result.ts';
import { reasonOf } from '../../text/system-reason.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';

/** @throws {CommandError} when the file is missing, cut short, or not a result of this version */
export async function loadResultFile(file: string): Promise<RunResult> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CommandError(`The result file ${file} cannot be read: ${reasonOf(error)}.`, EXIT.invalidInput);
  });
  return resultFrom(text, file);
}

/** @param from what holds the text, for messages */
export function resultFrom(text: string, from: string): RunResult {
  try {
    return readResult(text);
  } catch (error) {
    if (error instanceof ResultError) throw new CommandError(`${from} ${error.message}`, EXIT.invalidInput);
    throw error;
  }
}
