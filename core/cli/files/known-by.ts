import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorMessage } from '../../error.ts';
import { isSticky, isTrustedOwner, othersCanWrite } from '../../trusted-owner.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { reportPlace } from './report-path.ts';

/**
 * Checks a file that a user has named and by which a caller knows control: whoever else can put it there can be control, whose
 * code agents run. Another user whom this one trusts may own it, but not where anybody can put files, as in /tmp.
 * @param flag that names it, for messages
 * @throws {CommandError}
 */
export async function checkKnownBy(flag: string, file: string): Promise<void> {
  const refused = (why: string) => new CommandError(`${flag}: ${why}.`, EXIT.invalidInput);
  const { file: place } = await reportPlace(file).catch((error: unknown) => {
    throw refused(errorMessage(error));
  });
  const folder = dirname(place);
  const [its, around] = await Promise.all([place, folder].map((path) => stat(path).catch(() => undefined)));
  // Whoever reads it says that it is not there.
  if (its === undefined || around === undefined) return;
  const isOpen = othersCanWrite(around);
  const open = othersCanWrite(its) ? place : isOpen && !isSticky(around) ? folder : undefined;
  if (open !== undefined) {
    throw refused(`other users can write to ${open}, and so pass for control: \`chmod go-w\` it, or name another file`);
  }
  if (isOpen && !isTrustedOwner(its)) {
    throw refused(
      `${place} belongs to another user, who could so pass for control: remove it, or name one in a folder of your own`,
    );
  }
}
