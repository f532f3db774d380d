import process from 'node:process';
import type { ControlOutput } from '../../control/outputs/run-outputs.ts';
import { processLookup } from '../../environment.ts';
import { errorMessage } from '../../error.ts';
import { formatProblem, optionProblems } from '../../plan/problem.ts';
import { filledWith } from '../../plan/secrets.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { OutToFlag } from '../flags/flags.ts';

/**
 * The outputs that a control gives all of its runs, with the values of what they refer to.
 * @throws {CommandError} when one is not found or refuses its options, or a secret has no value
 */
export async function controlOutputs(wanted: readonly OutToFlag[] = []): Promise<readonly ControlOutput[]> {
  if (wanted.length === 0) return [];
  const { loadOutput } = await import('../../../plugins/loader/load.ts');
  const baseDirectory = process.cwd();
  const lookup = processLookup(baseDirectory);
  return Promise.all(
    wanted.map(async ({ use, url }): Promise<ControlOutput> => {
      try {
        const plugin = await loadOutput(use, baseDirectory);
        const checked = await plugin.options['~standard'].validate(url === undefined ? {} : { url });
        const problems = optionProblems('', checked.issues ?? []).map(formatProblem);
        if (checked.issues !== undefined) throw new CommandError(problems.join('; '));
        const { value: options, mask } = filledWith(checked.value, lookup);
        return { name: use, plugin, options, hide: (text) => mask.hide(text) };
      } catch (error) {
        throw new CommandError(`--out-to ${use}: ${errorMessage(error)}`, EXIT.invalidInput);
      }
    }),
  );
}
