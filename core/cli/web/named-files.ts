import { resolve } from 'node:path';
import { pluginPlace } from '../../../plugins/loader/load.ts';
import { formatPath } from '../../plan/problem.ts';
import { hidesOptions, withoutPassword } from '../../secrets/database-url.ts';
import { placesIn, referencesIn } from '../../secrets/reference.ts';
import { pluginReferences } from '../plans/plugin-references.ts';
import { isBuiltIn } from '../plugins/known-plugins.ts';

/** A module or a file that a plan names, and its place there. */
export interface NamedFile {
  readonly what: string;
  readonly name: string;
  readonly path: string;
  readonly isCode: boolean;
  /** Absolute: where the process that uses it looks. Undefined where that is known only once references have their values. */
  readonly file: string | undefined;
}

/**
 * All that a plan names at the places where plans have it. Which files are named by the options of a plugin, it says itself. A package
 * that nobody has installed is left out: its loader says so.
 * @param source with its parameters filled in; it need not be valid
 */
export function filesIn(source: unknown, baseDirectory: string): NamedFile[] {
  const named: NamedFile[] = [];
  const addModule = (what: string, name: string, path: string) => {
    const file = moduleFile(name, baseDirectory);
    if (file !== undefined) named.push({ what, name, path, isCode: true, file });
  };
  const addFile = (name: unknown, path: readonly PropertyKey[]) => {
    if (typeof name !== 'string') return;
    named.push({ what: 'the file', name, path: formatPath(path), isCode: false, file: fileOf(name, baseDirectory) });
  };
  for (const { kind, use, path } of pluginReferences(source)) {
    if (!isBuiltIn(kind, use)) addModule(`the ${kind}`, use, path);
  }
  const { target, drivers, scenarios } = fields(source);
  for (const [name, driver] of Object.entries(fields(drivers))) {
    const { use } = fields(driver);
    // A script may use a driver that no operation names.
    if (typeof use === 'string' && !isBuiltIn('driver', use)) {
      addModule('the driver', use, formatPath(['drivers', name, 'use']));
    }
  }
  for (const [scenario, value] of Object.entries(fields(scenarios))) {
    const { user, shape, data } = fields(value);
    for (const [field, name] of Object.entries({ user, shape })) {
      if (typeof name === 'string') addModule('the module', name, formatPath(['scenarios', scenario, field]));
    }
    for (const [set, entry] of Object.entries(fields(data))) {
      addFile(fields(entry).file, ['scenarios', scenario, 'data', set, 'file']);
    }
  }
  if (typeof target === 'string' && hidesOptions(target)) {
    const name = withoutPassword(target);
    named.push({ what: 'the address', name, path: 'target', isCode: false, file: undefined });
  }
  for (const { reference, path } of placesIn(source, [])) if (reference.kind === 'file') addFile(reference.name, path);
  return [...new Map(named.map((file) => [`${file.path} ${file.name}`, file])).values()];
}

/** @returns undefined where it cannot be told */
export function fileOf(name: string, folder: string): string | undefined {
  // A value may be empty, or lead upwards.
  return referencesIn(name).length > 0 ? undefined : resolve(folder, name);
}

/** @returns undefined when there is no such package; the name itself, which is the path of no file, when it cannot be told */
function moduleFile(name: string, baseDirectory: string): string | undefined {
  try {
    return pluginPlace(name, baseDirectory);
  } catch {
    return name;
  }
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
