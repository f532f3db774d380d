import { fileURLToPath } from 'node:url';

/** The repository's root, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** The source of each file of `dist/` that something outside starts or imports, by its name there: see `bin` and `exports` in package.json. */
export const ENTRIES: Readonly<Record<string, string>> = {
  bench: 'bench.ts',
  toolkit: 'core/index.ts',
  http: 'plugins/http/script/open-http.ts',
  testing: 'testing/index.ts',
  client: 'core/cli/client/embedded.ts',
};

/** What of `dist/` people import, and so what has declarations. */
export const LIBRARY: readonly string[] = Object.keys(ENTRIES).filter((name) => name !== 'bench');
