import { BenchError, type ErrorDetails, errorMessage } from '../error.ts';

/** `$${env:NAME}` stands for a plain `${env:NAME}`. */
const REFERENCE = /\$(\$?)\{(env|file):([^{}]*)(?:\}|$)/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * A URL of any scheme, or a reference that stands for one. What a reference names may have spaces, as paths of files do. Each
 * character can be read in one way only, so that no text takes long.
 */
export const URL_WITH_REFERENCES =
  /^(?:[a-z][a-z0-9+.-]*:\/\/|(?=\$\{(?:env|file):))(?:\$\{(?:env|file):[^{}]*\}|[^\s$]|\$(?!\{(?:env|file):[^{}]*\}))+$/i;

/** A placeholder in a text for a value that the text itself does not contain: `${env:NAME}` or `${file:path}`. */
export interface Reference {
  readonly kind: 'env' | 'file';
  /** Name of the variable, or path of the file. */
  readonly name: string;
  /** As written. */
  readonly text: string;
}

/** No value was found for a reference; the message is one sentence. */
export class UnresolvedReference extends BenchError {
  override readonly name = 'UnresolvedReference';

  constructor(message: string, details: ErrorDetails = {}) {
    super('unresolved_reference', message, details);
  }
}

/** Returns the value of a reference. Throws {@link UnresolvedReference}. */
export type Lookup = (reference: Reference) => string;

/** Variables by name, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Looks variables and files up.
 * @param readFile throws with the reason as its message
 */
export function lookupIn(environment: Environment, readFile?: (path: string) => string): Lookup {
  return (reference) => {
    const fault = referenceFault(reference);
    if (fault !== undefined) throw new UnresolvedReference(fault);
    const { kind, name, text } = reference;
    if (kind === 'env') {
      const value = environment[name];
      if (value !== undefined) return value;
      throw new UnresolvedReference(`${text} has no value: set the variable ${name} for this process`);
    }
    try {
      if (readFile === undefined) throw new Error('files are not read here');
      // The line break that editors add at the end of a file is not part of the secret.
      return readFile(name).replace(/\r?\n$/, '');
    } catch (error) {
      throw new UnresolvedReference(`${text} has no value: the file cannot be read (${errorMessage(error)})`, {
        cause: error,
      });
    }
  };
}

/** The references in a text, in order. */
export function referencesIn(text: string): Reference[] {
  return [...text.matchAll(REFERENCE)].filter(([, escaping]) => escaping === '').map(referenceOf);
}

/** All references in lists, maps and texts, with their paths. */
export function* placesIn(
  value: unknown,
  path: readonly PropertyKey[],
): Generator<{ readonly reference: Reference; readonly path: readonly PropertyKey[] }> {
  if (typeof value === 'string') {
    for (const reference of referencesIn(value)) yield { reference, path };
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      yield* placesIn(inner, [...path, Array.isArray(value) ? Number(key) : key]);
    }
  }
}

/** What is wrong with the syntax of a reference, as a sentence; undefined when it is correct. */
export function referenceFault({ kind, name, text }: Reference): string | undefined {
  if (!text.endsWith('}')) return `${text} lacks its closing brace`;
  if (kind === 'env' && !NAME.test(name)) return `${text} does not name an environment variable`;
  return name === '' ? `${text} does not name a file` : undefined;
}

/** The text with each reference replaced by its value, and `$${env:…}` by `${env:…}`. */
export function withReferences(text: string, lookup: Lookup): string {
  return text.replaceAll(REFERENCE, (...match: string[]) =>
    match[1] === '' ? lookup(referenceOf(match)) : (match[0] as string).slice(1),
  );
}

/** Whether the text consists of references alone, and so contains no secret itself. */
export function isReference(text: string): boolean {
  return referencesIn(text).length > 0 && withReferences(text, () => '') === '';
}

function referenceOf([match = '', , kind, name = '']: readonly string[]): Reference {
  return { kind: kind as Reference['kind'], name: name.trim(), text: match };
}

/** A text whose references are replaced by marks, so that their own `:` and `/` are not taken for parts of a URL. */
export interface Shielded {
  readonly text: string;
  /** @returns the part of the text with its references as they were written, or with their values */
  restore(part: string, lookup?: Lookup): string;
}

export function shielded(text: string): Shielded {
  const kept: Reference[] = [];
  return {
    text: withReferences(text, (reference) => `\u0000${kept.push(reference) - 1}\u0000`),
    restore: (part, lookup = ({ text: written }) => written) =>
      // biome-ignore lint/suspicious/noControlCharactersInRegex: no URL has a NUL
      part.replaceAll(/\u0000(\d+)\u0000/g, (_, at: string) => lookup(kept[Number(at)] as Reference)),
  };
}
