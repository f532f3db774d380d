import { decodedText } from '../plan-text.ts';
import type { ReadDocument } from '../read-document.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** An OpenAPI document cannot be used; the message is a clause, with its place. */
export class SpecificationError extends Error {
  override readonly name = 'SpecificationError';
}

/** A chain of references that is longer leads round in a circle. */
const MAX_REFERENCES = 50;

/** An OpenAPI 3.1 document whose parts may be references to others (OpenAPI 3.1.1, 4.8.23). */
export class Specification {
  readonly root: Fields;
  readonly #place: ReadDocument['place'];

  /** @param place finds parts in the text that was read */
  constructor(root: Fields, place: ReadDocument['place']) {
    this.root = root;
    this.#place = place;
  }

  /**
   * A part as a map, with references followed.
   * @param path where it stands, for messages
   * @throws {SpecificationError} for a reference that leads nowhere, or to another document
   */
  fields(part: unknown, path: readonly PropertyKey[]): Fields {
    let found = part;
    for (let i = 0; i < MAX_REFERENCES; i++) {
      if (!isFields(found)) return {};
      const { $ref: reference } = found;
      if (typeof reference !== 'string') return found;
      found = this.#referred(reference, path);
    }
    throw this.error(path, 'its references lead round in a circle');
  }

  /** The parts of a list as maps. */
  list(part: unknown, path: readonly PropertyKey[]): Fields[] {
    return Array.isArray(part) ? part.map((entry, i) => this.fields(entry, [...path, i])) : [];
  }

  error(path: readonly PropertyKey[], message: string): SpecificationError {
    return new SpecificationError(`${this.#place(path)}: ${message}`);
  }

  /** RFC 6901 within the document. */
  #referred(reference: string, path: readonly PropertyKey[]): unknown {
    if (!reference.startsWith('#')) {
      throw this.error(path, `refers to another document (${reference}): bundle them into one first`);
    }
    let found: unknown = this.root;
    for (const token of reference.slice(1).split('/').slice(1)) {
      const key = decodedText(token).replaceAll('~1', '/').replaceAll('~0', '~');
      found = isFields(found) && Object.hasOwn(found, key) ? found[key] : undefined;
    }
    if (found === undefined) throw this.error(path, `refers to ${reference}, which is not there`);
    return found;
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
