import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { ROOT } from '../docs/pages.ts';

/** To stand before a command: without what tap hands down to every Node, which is not made for all programs. */
export const BY_ITSELF = ['env', '-u', 'NODE_OPTIONS'] as const;

/** For `env`: what is written in Go, such as compilers, looks for garbage only once it has this much, which took a fifth of its time. */
export const WITH_MEMORY = ['GOGC=off', 'GOMEMLIMIT=1GiB'] as const;

/** @returns what it wrote to stdout */
async function run(folder: string, ...command: readonly string[]): Promise<string> {
  const [program, ...before] = BY_ITSELF;
  const { stdout } = await promisify(execFile)(program, [...before, ...command], { cwd: folder, maxBuffer: 1 << 26 });
  return stdout;
}

/** The package as it would be published. */
export interface Packed {
  readonly tarball: string;
  readonly bytes: number;
  readonly files: readonly string[];
}

/** Builds the package and packs it. @param folder where the tarball comes to lie */
export async function packed(folder: string): Promise<Packed> {
  await run(ROOT, ...WITH_MEMORY, process.execPath, 'build/package.ts');
  const stdout = await run(ROOT, 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', folder);
  const [{ filename, size, files }] = JSON.parse(stdout) as [
    { readonly filename: string; readonly size: number; readonly files: readonly { readonly path: string }[] },
  ];
  return { tarball: join(folder, filename), bytes: size, files: files.map(({ path }) => path) };
}

/** Installs the tarball, and these packages beside it, in an empty folder. */
export async function installed(folder: string, tarball: string, others: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await run(folder, 'npm', 'install', ...flags, tarball, ...others);
}

/** What the files in a folder take up on the disk, in megabytes. */
export function megabytesOn(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.reduce((sum, file) => sum + statSync(join(folder, file)).blocks * 512, 0) / 1e6;
}
