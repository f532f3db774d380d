import process from 'node:process';
import { errorMessage } from '../../error.ts';
import { readTextFile } from '../../regular-file.ts';
import { decodeUtf8 } from '../../text/utf8.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';

/**
 * The text of a file that a command is given; `-` is standard input, to its end.
 * @param what the message calls it, such as `The plan`
 * @throws {CommandError} when it cannot be read or is larger than makes sense
 */
export async function inputText(what: string, file: string, maxBytes: number): Promise<string> {
  try {
    return file === '-' ? decodeUtf8(await standardInput(maxBytes)) : readTextFile(file, maxBytes);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const name = file === '-' ? 'on standard input' : file;
    throw new CommandError(`${what} ${name} cannot be read: ${errorMessage(error)}.`, EXIT.invalidInput, {
      cause: error,
    });
  }
}

async function standardInput(maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new CommandError(`Standard input holds more than ${maxBytes >> 20} MiB.`, EXIT.invalidInput);
    }
  }
  return Buffer.concat(chunks);
}
