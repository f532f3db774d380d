import { toolkitModules } from '../../../plugins/loader/offer-toolkit.ts';
import { TOOLKIT } from '../../../plugins/loader/sent-module.ts';
import { PluginError } from '../../plugin.ts';
import { PLUGIN_INTERFACE } from '../../version.ts';

/** By what plugins import of this program. It stays outside of their modules, and is found where these run: see sent-module.ts. */
export const TOOLKIT_NAME = /^@bench\/toolkit(\/|$)/;

const FOUND = `globalThis[Symbol.for(${JSON.stringify(TOOLKIT.description)})]`;

/** Stands at the beginning of a module, which so knows for which version of the interface it was made, wherever it is loaded. */
export const VERSION_CHECK = `if (${FOUND}?.interface !== ${PLUGIN_INTERFACE}) {
  throw new Error("it was made for version ${PLUGIN_INTERFACE} of bench's plugin interface, which this bench does not have: use the same bench everywhere");
}
`;

/**
 * What is bundled in the place of an entry.
 * @param entry such as `@bench/toolkit/http`
 * @throws {PluginError} when there is no such entry
 */
export async function toolkitStub(entry: string): Promise<string> {
  const exported = (await toolkitModules())[entry];
  if (exported === undefined) throw new PluginError(`${entry} is not there where plugins run: leave it out`);
  const names = Object.keys(exported).map((name) => `export const ${name} = entry.${name};\n`);
  return `const entry = ${FOUND}.entries[${JSON.stringify(entry)}];\n${names.join('')}`;
}
