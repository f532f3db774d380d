import { Surroundings } from '../../../plugins/loader/surroundings.ts';
import { PluginError } from '../../plugin.ts';
import { withSourceLines } from '../../script/source-lines.ts';
import { isOneFile } from '../processes/own-program.ts';
import { bundleByBun } from './bun-bundler.ts';
import { bundleByEsbuild, endEsbuild } from './esbuild-bundler.ts';
import { VERSION_CHECK } from './toolkit-stub.ts';

/**
 * Makes one ECMAScript module of a file and all that it imports, except what runtimes and this program offer. The same files
 * give the same bytes, wherever the folder lies; the one executable, which has Bun's bundler in place of esbuild, gives others.
 * @param file absolute
 * @param folder names in the module are relative to it, such as the plan's folder
 * @throws {PluginError} the reason alone: a native module, an import that is only known when it runs, one that is missing, or
 *   one that another user decides about
 */
export async function bundleModule(file: string, folder: string): Promise<Uint8Array> {
  const bundle = isOneFile ? bundleByBun : bundleByEsbuild;
  const { code, lines, files } = await bundle(file, folder);
  // Not before: what was bundled is what counts, and it may lie where nobody has looked yet.
  const surroundings = new Surroundings(folder, file);
  for (const one of files) {
    const problem = surroundings.problemOf(one);
    if (problem !== undefined) throw new PluginError(problem);
  }
  const before = VERSION_CHECK.split('\n').length - 1;
  return Buffer.from(withSourceLines(VERSION_CHECK + code, [...Array(before).fill(undefined), ...lines]));
}

/** Ends what bundling has started, which would take memory from the load. Modules can be bundled again. */
export async function endBundling(): Promise<void> {
  if (!isOneFile) await endEsbuild();
}
