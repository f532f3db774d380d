import { readFile } from 'node:fs/promises';
import { RESULT_VERSION, type RunResult } from '../stats/result.ts';
import { CommandError, messageOf } from './command-error.ts';
import { EXIT } from './exit-codes.ts';

/** @throws {CommandError} when the file is missing, cut short, or not a result of this version */
export async function loadResultFile(file: string): Promise<RunResult> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CommandError(`The result file ${file} cannot be read: ${messageOf(error)}`, EXIT.invalidInput);
  });
  return readResult(text, file);
}

export function readResult(text: string, from: string): RunResult {
  let result: Partial<RunResult> | null;
  try {
    result = JSON.parse(text) as Partial<RunResult> | null;
  } catch (error) {
    throw new CommandError(
      `${from} holds no complete JSON (${messageOf(error)}): was it cut short?`,
      EXIT.invalidInput,
    );
  }
  if (typeof result !== 'object' || result === null || typeof result.version !== 'number' || !result.verdict) {
    throw new CommandError(
      `${from} is no result of a run: give the result.json that the report "json" writes.`,
      EXIT.invalidInput,
    );
  }
  if (result.version === RESULT_VERSION) return result as RunResult;
  throw new CommandError(
    `${from} has result version ${result.version} and this bench reads version ${RESULT_VERSION}: use the bench that made it.`,
    EXIT.invalidInput,
  );
}
