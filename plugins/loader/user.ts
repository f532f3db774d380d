import type { UserDefinition } from '../../core/script/define-user.ts';
import type { ScriptSource } from '../../core/script/script-source.ts';
import { openDataSets } from '../data/data-option.ts';
import { loadPlugin } from './load.ts';

/** @throws {PluginError} as {@link loadPlugin} */
export function loadUser(reference: string, baseDirectory: string): Promise<UserDefinition> {
  return loadPlugin('script', reference, baseDirectory, {});
}

/** What agents need for scripts. */
export const scripts: ScriptSource = { loadUser, openData: openDataSets };
