import { resolve } from 'node:path';
import type { Message, Plugin } from 'esbuild';
import { toolkitEntryOf } from '../../../plugins/loader/offer-toolkit.ts';
import { PluginError } from '../../plugin.ts';
import { type BundledCode, withoutSourceMap } from './source-map.ts';
import { TOOLKIT_NAME, toolkitStub } from './toolkit-stub.ts';

/** CommonJS packages ask for Node's own modules by `require`, which an ECMAScript module does not have. */
const REQUIRE = `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n`;

/** Bundles as {@link bundleModule} says, by a process of esbuild. */
export async function bundleByEsbuild(file: string, folder: string): Promise<BundledCode> {
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
      sourcemap: 'inline',
      sourcesContent: false,
      logLevel: 'silent',
      // They would fail on the other host.
      logOverride: { 'unsupported-require-call': 'error', 'unsupported-dynamic-import': 'error' },
      plugins: [toolkit],
    });
    const bundled = withoutSourceMap((outputFiles[0] as { text: string }).text, folder, folder);
    const { code, lines } = bundled;
    if (!needsRequire(code)) return bundled;
    return {
      ...bundled,
      code: REQUIRE + code,
      lines: [
        ...REQUIRE.trimEnd()
          .split('\n')
          .map(() => undefined),
        ...lines,
      ],
    };
  } catch (error) {
    const [first] = (error as { errors?: readonly Message[] }).errors ?? [];
    if (first === undefined) throw error;
    throw new PluginError(reasonOf(first), { cause: error });
  }
}

/** Ends the process of esbuild, which would take memory from the load. It is started again when it is needed. */
export async function endEsbuild(): Promise<void> {
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
      try {
        return { contents: await toolkitStub(path) };
      } catch (error) {
        if (error instanceof PluginError) return { errors: [{ text: error.message }] };
        throw error;
      }
    });
  },
};
