import { BenchError, errorMessage } from '../../../core/error.ts';
import { PluginError } from '../../../core/plugin.ts';
import { sourcePlaceIn } from '../../../core/script/source-lines.ts';
import type { Failure } from './failure.ts';

/** Thrown in a script to end its pass, for a reason that has a kind. */
export class PassFailure extends PluginError {
  override readonly name = 'PassFailure';
  readonly kind: string;

  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A kind is read in a table: a longer one is cut. */
const MAX_KIND = 100;
/** What differs from one failure to the next of the same kind: numbers, and whatever holds one, such as a UUID. */
const VARYING = /[\da-f]*\d[\da-f]*(?:-[\da-f]+)*/gi;

/**
 * What a script that threw has failed with. The message is what it threw, with the line where that is known. The kind is its
 * first line without what varies.
 * @param file name of the script's file
 * @param task name of the task; undefined for `iterate`
 */
export function failureOfThrown(error: unknown, file: string, task?: string): Failure {
  const prefix = task === undefined ? '' : `${task}: `;
  if (error instanceof PassFailure) return { kind: kindOf(prefix + error.kind), message: error.message };
  const message = errorMessage(error);
  if (error instanceof BenchError || !(error instanceof Error)) return { kind: kindOf(prefix + message), message };
  const told = error.name === 'Error' ? message : `${error.name}: ${message}`;
  const place = sourcePlaceIn(error.stack ?? '') ?? placeIn(error.stack ?? '', file);
  return { kind: kindOf(prefix + told), message: place === undefined ? told : `${told} (${place})` };
}

function kindOf(text: string): string {
  return (text.split('\n', 1)[0] as string).replaceAll(VARYING, '#').slice(0, MAX_KIND);
}

/** The place in a script that was imported from its own file, and not out of a bundle. */
function placeIn(stack: string, file: string): string | undefined {
  const at = stack.indexOf(`/${file}:`);
  const line = at < 0 ? undefined : /^\d+/.exec(stack.slice(at + file.length + 2))?.[0];
  return line === undefined ? undefined : `${file}:${line}`;
}
