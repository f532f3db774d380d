import { isSensitive, JSON_WEB_TOKEN, replaceNamedValues } from '../../secrets/credentials.ts';
import { FreeNames } from './free-names.ts';
import { decodedText, isReferred, literal, reference } from './plan-text.ts';

/** A variable that has to be set before a run. */
export interface NeededVariable {
  readonly name: string;
  /** Where its value came from, such as `header Authorization`. */
  readonly place: string;
}

/** Names beside those that are hidden in messages: here a value too many costs no more than a variable. */
const SECRET_NAME = /authorisation|passw|(?:^|[-_.])(?:auth|session|pass|sig)$/i;
/** Names that count tokens, or say of which kind one is. */
const ABOUT_TOKENS = /tokens?[-_]?(?:type|count|limit)|(?:max|min|num|total)[-_a-z]*tokens/gi;
/** In headers and queries; in JSON and forms, a key is usually the name of a thing. */
const KEY_NAME = /(?:^|[-_.])key$/i;
const JSON_WORD = /^(?:null|true|false)$/;
/** OAuth's code (RFC 6749, 4.1.2) is long, unlike those of countries and coupons. */
const CODE_VALUE = /^[\w.~/+%-]{16,}$/;
const SCHEME = /^(Basic|Bearer|Digest|Token|ApiKey|Negotiate) +(\S.*)$/is;

const PATH_PARAMETER = /;([^=;/?]+)=([^;/?]+)/g;

/** A path as the name of a row, which all reports show. */
export function pathInName(path: string): string {
  return path.replaceAll(PATH_PARAMETER, '').replaceAll(JSON_WEB_TOKEN, '…');
}

/** A JSON Web Token (RFC 7519), which is a secret under any name. */
const TOKEN_VALUE = /^eyJ[\w-]{8,}\.[\w-]+\./;

/** Whether a value of this name is usually secret. */
function isSecret(name: string, value: string, place: string): boolean {
  if (!isReplaceable(value)) return false;
  if (TOKEN_VALUE.test(value) || (/^code$/i.test(name) && CODE_VALUE.test(value))) return true;
  const spellings = [name, name.replaceAll(/([a-z])([A-Z])/g, '$1-$2')].map((one) => one.replaceAll(ABOUT_TOKENS, ''));
  const mayBeKey = place === 'header' || place === 'query';
  return spellings.some((one) => SECRET_NAME.test(one) || isSensitive(one) || (mayBeKey && KEY_NAME.test(one)));
}

function isReplaceable(value: string): boolean {
  return value.trim() !== '' && !isReferred(value);
}

/** Replaces secrets by references to variables, and remembers which. The same value is the same variable everywhere. */
export class SecretValues {
  readonly needed: NeededVariable[] = [];
  readonly #variables = new Map<string, string>();
  readonly #taken = new FreeNames();

  /**
   * @param value a literal text
   * @param place such as `header X-Api-Key`
   * @param name what the variable is called after
   */
  replace(value: string, place: string, name: string): string {
    const known = this.#variables.get(value);
    if (known !== undefined) return reference(known);
    const variable = this.#free(name);
    this.#variables.set(value, variable);
    this.needed.push({ name: variable, place });
    return reference(variable);
  }

  /** A variable that the imported text names itself. */
  refer(variable: string): string {
    if (this.#taken.take(variable)) {
      this.needed.push({ name: variable, place: 'a variable of the imported command' });
    }
    return reference(variable);
  }

  /** @param value text of a plan */
  header(name: string, value: string): string {
    if (/^referer$/i.test(name)) return this.#address(value);
    if (!isSecret(name, value, 'header')) return value;
    const [, scheme, credentials] = SCHEME.exec(value) ?? [];
    const place = `header ${name}`;
    if (scheme === undefined || credentials === undefined) return this.replace(value, place, name);
    const variable = /^basic$/i.test(scheme) ? 'BASIC_CREDENTIALS' : 'TOKEN';
    return `${scheme} ${this.replace(credentials, `${place}, after ${scheme}`, variable)}`;
  }

  /** A field of a query, a form or a JSON body. @param value text of a plan */
  field(name: string, value: string, place: string): string {
    if (!isSecret(name, value, place)) return value;
    return this.replace(value, `${place} ${name}`, name);
  }

  /** A path, with what Java servers write behind a semicolon in it. @param text of a plan */
  path(text: string): string {
    return text
      .replaceAll(PATH_PARAMETER, (_, name: string, value: string) => {
        return `;${name}=${this.field(name, value, 'path parameter')}`;
      })
      .replaceAll(JSON_WEB_TOKEN, (token) => this.replace(token, 'token in a path', 'TOKEN'));
  }

  /** A query or a form, whose names and values are percent-encoded. @param text of a plan */
  pairs(text: string, place: string): string {
    return text
      .split('&')
      .map((pair) => {
        const equals = pair.indexOf('=');
        if (equals < 0) return pair;
        const name = decodedText(pair.slice(0, equals).replaceAll('+', ' '));
        const value = pair.slice(equals + 1);
        const plain = isReferred(value) ? value : literal(decodedText(value.replaceAll('+', ' ')));
        const replaced = this.field(name, plain, place);
        return replaced === plain ? pair : `${pair.slice(0, equals)}=${replaced}`;
      })
      .join('&');
  }

  /**
   * JSON whose strings are texts of a plan.
   * @param name of the field that holds it
   * @param isWithinSecret whether the name of a field around it is that of a secret
   */
  json(value: unknown, place: string, name = '', isWithinSecret = false): unknown {
    if (typeof value === 'string' || typeof value === 'number') {
      const text = String(value);
      if (!isSecret(name, text, place) && !(isWithinSecret && isReplaceable(text))) return value;
      const kind = typeof value === 'number' ? ', a number that is sent as a text' : '';
      return this.replace(text, `${place} ${name}${kind}`, name);
    }
    if (Array.isArray(value)) return value.map((inner) => this.json(inner, place, name, isWithinSecret));
    if (typeof value !== 'object' || value === null) return value;
    const isWithin = isWithinSecret || isSecret(name, 'a map', place);
    const fields = Object.entries(value).map(([key, inner]) => {
      return [key, this.json(inner, place, isWithin ? `${name}.${key}` : key, isWithin)];
    });
    return Object.fromEntries(fields);
  }

  /** A text of a plan that holds something like fields of JSON, parts of a multipart form or XML, and stays a text. */
  text(text: string, place: string): string {
    const named = (name: string, value: string) => (JSON_WORD.test(value) ? value : this.field(name, value, place));
    return replaceNamedValues(text, named)
      .replaceAll(/("([^"\\]+)"\s*:\s*)"((?:[^"\\]|\\.)*)"/g, (_, before: string, name: string, value: string) => {
        return `${before}"${this.field(name, value, place)}"`;
      })
      .replaceAll(JSON_WEB_TOKEN, (token) => this.replace(token, `${place} with a token`, 'TOKEN'));
  }

  #address(address: string): string {
    const at = address.indexOf('?');
    return at < 0 ? address : `${address.slice(0, at)}?${this.pairs(address.slice(at + 1), 'query')}`;
  }

  #free(name: string): string {
    const words = name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').replaceAll(/\W+/g, '_');
    const base = words
      .replaceAll(/^_+|_+$/g, '')
      .toUpperCase()
      .replace(/^(?=\d|$)/, 'VALUE_');
    return this.#taken.free(base, (number) => `${base}_${number}`);
  }
}
