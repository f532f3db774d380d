/** What needs no encoding (URL Standard, application/x-www-form-urlencoded percent-encode set). */
const PLAIN = /^[\w*.-]*$/;

/** The name or the value of a field, as application/x-www-form-urlencoded writes it (URL Standard, 5.2). */
export function formComponent(text: string): string {
  // The platform's own encoder is exact, but ten times as slow as finding out that there is nothing to do.
  return PLAIN.test(text) ? text : new URLSearchParams([['', text]]).toString().slice(1);
}

/**
 * The text of a form, with one `name=value` for each field, in their order.
 * @param fields names and values that {@link formComponent} has encoded
 */
export function formPieces<Piece>(fields: readonly (readonly [name: string, value: Piece])[]): (string | Piece)[] {
  return fields.flatMap(([name, value], i) => [`${i > 0 ? '&' : ''}${name}=`, value]);
}
