import { resolve } from 'node:path';
import { pluginPlace } from '../../../plugins/loader/load.ts';
import { formatPath } from '../../plan/problem.ts';
import { isDatabaseUrl, withoutPassword } from '../../secrets/database-url.ts';
import { placesIn, referencesIn, shielded } from '../../secrets/reference.ts';
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
 * All that a plan names at the places where plans have it. Which files are named by the options of a plugin, it says itself; here
 * are those of built-in plugins that none of them tells. A package that nobody has installed is left out: its loader says so.
 * @param source with its parameters filled in; it need not be valid
 */
export function filesIn(source: unknown, baseDirectory: string): NamedFile[] {
  const named: NamedFile[] = [];
  const addModule = (what: string, name: string, path: string) => {
    const file = moduleFile(name, baseDirectory);
    if (file !== undefined) named.push({ what, name, path, isCode: true, file });
  };
  const addFile = (name: unknown, path: readonly PropertyKey[], folder = baseDirectory) => {
    if (typeof name !== 'string') return;
    named.push({ what: 'the file', name, path: formatPath(path), isCode: false, file: fileOf(name, folder) });
  };
  for (const { kind, use, path } of pluginReferences(source)) {
    if (!isBuiltIn(kind, use)) addModule(`the ${kind}`, use, path);
  }
  const { target, drivers, monitors, outputs, scenarios } = fields(source);
  const urls: [unknown, readonly PropertyKey[]][] = [[target, ['target']]];
  for (const [name, driver] of Object.entries(fields(drivers))) {
    const { use, options } = fields(driver);
    // A script may use a driver that no operation names.
    if (typeof use === 'string' && !isBuiltIn('driver', use)) {
      addModule('the driver', use, formatPath(['drivers', name, 'use']));
    }
    const { url, verify } = fields(options);
    const { db } = fields(verify);
    urls.push([url, ['drivers', name, 'options', 'url']]);
    // The database of the target stays where it is, so that its driver does not tell it as a file to be sent.
    const place = ['drivers', name, 'options', 'verify', 'db'];
    if (typeof db === 'string' && !isDatabaseUrl(db)) addFile(db, place);
    else urls.push([db, place]);
  }
  for (const [name, monitor] of Object.entries(fields(monitors))) {
    urls.push([fields(fields(monitor).options).url, ['monitors', name, 'options', 'url']]);
  }
  for (const [name, output] of Object.entries(fields(outputs))) {
    const { url } = fields(fields(output).options);
    const place = ['outputs', name, 'options', 'url'];
    urls.push([url, place]);
    // The client of PostgreSQL opens these itself, from the folder in which control was started.
    for (const file of typeof url === 'string' ? certificatesIn(url) : []) addFile(file, place, '.');
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
  for (const [url, path] of urls) {
    if (typeof url !== 'string' || !mayHideOptions(url)) continue;
    named.push({
      what: 'the address',
      name: withoutPassword(url),
      path: formatPath(path),
      isCode: false,
      file: undefined,
    });
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

/**
 * Whether a reference could make another address of what is written: databases take names of files behind the ? of theirs. What
 * stands for user and password is encoded, and cannot.
 */
function mayHideOptions(url: string): boolean {
  const { text } = shielded(url.trim());
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is how references are shielded
  if (/^\u0000\d+\u0000$/.test(text) || /^https?:\/\//i.test(text)) return false;
  return text.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i, '').includes('\u0000');
}

function certificatesIn(url: string): string[] {
  const query = parametersOf(url);
  return ['sslcert', 'sslkey', 'sslrootcert'].flatMap((name) => query.getAll(name));
}

function parametersOf(url: string): URLSearchParams {
  // As parsers of URLs do.
  const [, query = ''] = /\?([^#]*)/.exec(url.replaceAll(/[\t\r\n]/g, '')) ?? [];
  return new URLSearchParams(query);
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
