import type { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';

/**
 * Refuses a flag that would be ignored. One from the environment may be meant for other commands.
 * @param name as commander keeps its value, such as `agentLabel`
 * @param why what stands after the flag in the sentence
 * @throws {CommandError} when it stands on the command line
 */
export function refuseUnused(command: Command, name: string, why: string): void {
  if (command.getOptionValueSource(name) !== 'cli') return;
  const long = command.options.find((option) => option.attributeName() === name)?.long;
  throw new CommandError(`${long} ${why}`, EXIT.invalidInput);
}
