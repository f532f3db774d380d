/** Of a document, for one example; a large one takes some thousands. */
const MAX_READS = 2_000_000;
/** Characters: no plan that holds a longer text can be read. */
const MAX_LENGTH = 4 << 20;

/**
 * The same data, of which only so much can be read. A schema of a kilobyte may stand for an example of a billion fields, when
 * each of its parts refers to the next one several times, or says of a list or a text how long it is.
 * @throws {RangeError} out of whatever reads more
 */
export function boundedSchema<Data extends object>(data: Data): Data {
  let left = MAX_READS;
  const views = new WeakMap<object, object>();
  const viewOf = <Part>(part: Part): Part => {
    if (typeof part !== 'object' || part === null) return part;
    let view = views.get(part);
    if (view === undefined) {
      view = new Proxy(part, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          const isTooLong = name === 'minLength' && Number(value) > MAX_LENGTH;
          if (isTooLong || left-- <= 0) throw new RangeError('it would be too large');
          return viewOf(value);
        },
      });
      views.set(part, view);
    }
    return view as Part;
  };
  return viewOf(data);
}
