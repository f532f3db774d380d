import { PluginError } from '../plugin.ts';
import { nearest } from '../text/nearest.ts';

/**
 * What is looked up where an object has no such property: a script that misspells a name is told so, in place of `undefined` in
 * what it sends.
 * @param hint what to do where no name is near
 * @returns the prototype for the object
 * @throws {PluginError} when a property of it is read
 */
export function refuseUnknown(
  of: string,
  kind: string,
  known: readonly string[],
  hint: (name: string) => string,
): object {
  return new Proxy(Object.create(null) as object, {
    get(_, name) {
      // Whatever prints an object or awaits it asks for such properties.
      if (typeof name === 'symbol' || name === 'then' || name === 'toJSON') return undefined;
      const guess = nearest(name, known);
      const what = guess === undefined ? hint(name) : `did you mean ${guess}?`;
      throw new PluginError(`${of}.${name}: there is no such ${kind}; ${what}`);
    },
  });
}
