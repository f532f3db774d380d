/** A shorter value stands in too many texts by chance: it is not searched for. */
const LEAST_CHARACTERS = 4;

/** Puts references back into texts in the place of their values: for all that is told, logged or stored. */
export class SecretMask {
  /** By value, the longest first: one may be a part of another. */
  #hidden: (readonly [value: string, reference: string])[] = [];

  get isEmpty(): boolean {
    return this.#hidden.length === 0;
  }

  add(value: string, reference: string): void {
    const known = new Map(this.#hidden);
    const forms = [value, ...value.split(/\r?\n/), encodeURIComponent(value), JSON.stringify(value).slice(1, -1)];
    for (const form of forms) {
      if (form.trim().length >= LEAST_CHARACTERS && !known.has(form)) known.set(form, reference);
    }
    this.#hidden = [...known].sort(([a], [b]) => b.length - a.length);
  }

  /** @param text whose end may have been cut off, in the middle of a value too */
  hide(text: string): string {
    let masked = text;
    for (const [value, reference] of this.#hidden) {
      masked = masked.replaceAll(value, () => reference);
      const left = cutOff(masked, value);
      if (left > 0) masked = masked.slice(0, -left) + reference;
    }
    return masked;
  }
}

/** How many characters at the text's end are the begin of the value. */
function cutOff(text: string, value: string): number {
  for (let length = Math.min(value.length - 1, text.length); length >= LEAST_CHARACTERS; length--) {
    if (text.endsWith(value.slice(0, length))) return length;
  }
  return 0;
}
