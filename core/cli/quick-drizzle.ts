import * as nodeModule from 'node:module';

/** A file of drizzle-orm that another one imports. All files of that package whose names end in .js are ES modules. */
const WITHIN_DRIZZLE = /\/node_modules\/drizzle-orm\/.*\.js$/;

/**
 * Makes the import of drizzle-orm quick on Node. For each file, Node reads the package.json of its package to learn which
 * kind of module it is, and that of drizzle-orm has 180 KB: its files then take 0.7 s instead of 0.1 s. The file which
 * imports another one of the package tells the kind as well.
 */
export function hastenDrizzle(): void {
  if ('Bun' in globalThis || 'Deno' in globalThis) return;
  nodeModule.registerHooks({
    resolve(specifier, context, next) {
      const { parentURL } = context;
      if (parentURL === undefined || !specifier.startsWith('.') || !WITHIN_DRIZZLE.test(parentURL)) {
        return next(specifier, context);
      }
      return { url: new URL(specifier, parentURL).href, format: 'module', shortCircuit: true };
    },
  });
}
