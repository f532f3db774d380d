import { resolve } from 'node:path';
import type { Message, Plugin } from 'esbuild';
import { toolkitEntryOf, toolkitModules } from '../../../plugins/loader/offer-toolkit.ts';
import { TOOLKIT } from '../../../plugins/loader/sent-module.ts';
import { PluginError } from '../../plugin.ts';
import { PLUGIN_INTERFACE } from '../../version.ts';

const TOOLKIT_NAME = /^@bench\/toolkit(\/|$)/;
const FOUND = `globalThis[Symbol.for(${JSON.stringify(TOOLKIT.description)})]`;
/** Modules know for which version of the interface they were made, wherever they are loaded. */
const VERSION_CHECK = `if (${FOUND}?.interface !== ${PLUGIN_INTERFACE}) {
  throw new Error("it was made for version ${PLUGIN_INTERFACE} of bench's plugin interface, which this bench does not have: use the same bench everywhere");
}
`;
/** CommonJS packages ask for Node's own modules by `require`, which an ECMAScript module does not have. */
const REQUIRE = `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n`;

/**
 * Makes one ECMAScript module of a file and all that it imports, except what runtimes and this program offer. The same files
 * give the same bytes, wherever the folder lies.
 * @param file absolute
 * @param folder names in the module are relative to it, such as the plan's folder
 * @throws {PluginError} the reason alone: a native module, an import that is only known when it runs, or one that is missing
 */
export async function bundleModule(file: string, folder: string): Promise<Uint8Array> {
  const { build } = await import('esbuild');
  try {
    const { outputFiles } = await build({
      absWorkingDir: folder,
      entryPoints: [file],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'es2023',
      charset: 'utf8',
      logLevel: 'silent',
      // They would fail on the other host.
      logOverride: { 'unsupported-require-call': 'error', 'unsupported-dynamic-import': 'error' },
      plugins: [toolkit],
    });
    const { text } = outputFiles[0] as { text: string };
    return Buffer.from(VERSION_CHECK + (needsRequire(text) ? REQUIRE : '') + text);
  } catch (error) {
    const [first] = (error as { errors?: readonly Message[] }).errors ?? [];
    if (first === undefined) throw error;
    throw new PluginError(reasonOf(first), { cause: error });
  }
}

/** Ends the bundler's process, which would take memory from the load. Modules can be bundled again. */
export async function endBundling(): Promise<void> {
  const { stop } = await import('esbuild');
  await stop();
}

function needsRequire(text: string): boolean {
  return /\b__require\b/.test(text) && !/^(?:const|let|var) require\b/m.test(text);
}

function reasonOf({ text, location }: Message): string {
  const at = location === null ? '' : `${location.file}:${location.line}: `;
  const native = /No loader is configured for "\.node" files: (.+)/.exec(text);
  if (native) return `${at}${native[1]} is a native module, which works only on the host on which it was built`;
  if (/will not be bundled because the argument is not/.test(text)) {
    return `${at}what it imports there is only known when it runs, so it cannot be sent along: import it by a fixed name`;
  }
  return `${at}${text}`;
}

/** What this program offers stays outside of the module, and is found where it runs: see sent-module.ts. */
const toolkit: Plugin = {
  name: 'toolkit',
  setup(build) {
    const namespace = 'toolkit';
    build.onResolve({ filter: TOOLKIT_NAME }, ({ path }) => ({ path, namespace }));
    build.onResolve({ filter: /^[./].*\.ts$/ }, ({ path, resolveDir }) => {
      const entry = toolkitEntryOf(resolve(resolveDir, path));
      return entry === undefined ? undefined : { path: entry, namespace };
    });
    build.onLoad({ filter: /.*/, namespace }, async ({ path }) => {
      const exported = (await toolkitModules())[path];
      if (exported === undefined) return { errors: [{ text: `${path} is not there where plugins run: leave it out` }] };
      const names = Object.keys(exported).map((name) => `export const ${name} = entry.${name};\n`);
      return { contents: `const entry = ${FOUND}.entries[${JSON.stringify(path)}];\n${names.join('')}` };
    });
  },
};
