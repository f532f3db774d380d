import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { promisify } from 'node:util';
import { ENTRIES, LIBRARY, ROOT } from './entries.ts';

const EMITTED = join(ROOT, 'node_modules/.cache/declarations');
/** The module of `import … from './a.ts'`, of `export … from` and of `import('./a.ts')`. */
const OWN_MODULE = /(\bfrom |\bimport\(|\bimport )(['"])(\.{1,2}\/[^'"]+)\.ts\2/g;

/**
 * Writes the declarations of what people import, and of what these need. The compiler leaves `.ts` in their imports
 * (https://github.com/microsoft/TypeScript/issues/61037), which a project may only have that allows it: it becomes `.js`.
 * @param folder where they come to lie, as the sources do
 * @throws {Error} with the compiler's words when the types are wrong
 */
export async function writeDeclarations(folder: string): Promise<void> {
  const problems = await emit();
  const written = new Set<string>();
  const write = async (source: string): Promise<void> => {
    if (written.has(source)) return;
    written.add(source);
    const path = source.replace(/\.ts$/, '.d.ts');
    const needed: string[] = [];
    const text = (await readFile(join(EMITTED, path), 'utf8')).replaceAll(OWN_MODULE, (_, before, quote, module) => {
      needed.push(`${posix.join(posix.dirname(source), module)}.ts`);
      return `${before}${quote}${module}.js${quote}`;
    });
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
    for (const module of needed) await write(module);
  };
  for (const name of LIBRARY) await write(ENTRIES[name] as string);
  const own = problems.filter((problem) => [...written].some((source) => problem.startsWith(`${source}(`)));
  if (own.length > 0) throw new Error(`The declarations cannot be made:\n${own.join('\n')}`);
}

/** @returns what the compiler says, a line each; also of files whose declarations nobody needs */
async function emit(): Promise<readonly string[]> {
  await rm(EMITTED, { recursive: true, force: true });
  await mkdir(EMITTED, { recursive: true });
  const project = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      stripInternal: true,
      rootDir: ROOT,
      outDir: EMITTED,
    },
    include: [],
    files: LIBRARY.map((name) => join(ROOT, ENTRIES[name] as string)),
  };
  const file = join(EMITTED, 'tsconfig.json');
  await writeFile(file, JSON.stringify(project));
  try {
    await promisify(execFile)(join(ROOT, 'node_modules/.bin/tsc'), ['--project', file, '--singleThreaded'], {
      cwd: ROOT,
    });
    return [];
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    if (stdout === '') throw error;
    return stdout.split('\n');
  }
}
