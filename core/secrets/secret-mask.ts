/** Shorter values are not hidden: they would be found by chance in too many texts. */
const MIN_CHARACTERS = 4;

/** Replaces secret values by their references, in every text that is printed, logged, sent or stored. */
export class SecretMask {
  /** The longest value first, because one may be a part of another. */
  #hidden: (readonly [value: string, reference: string])[] = [];

  get isEmpty(): boolean {
    return this.#hidden.length === 0;
  }

  add(value: string, reference: string): void {
    const known = new Map(this.#hidden);
    const forms = [value, ...value.split(/\r?\n/), encodeURIComponent(value), JSON.stringify(value).slice(1, -1)];
    for (const form of forms) {
      if (form.trim().length >= MIN_CHARACTERS && !known.has(form)) known.set(form, reference);
    }
    this.#hidden = [...known].sort(([a], [b]) => b.length - a.length);
  }

  /** @param text may have been cut off at its end, even in the middle of a value */
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

/** How many characters at the end of the text are the beginning of the value. */
function cutOff(text: string, value: string): number {
  for (let length = Math.min(value.length - 1, text.length); length >= MIN_CHARACTERS; length--) {
    if (text.endsWith(value.slice(0, length))) return length;
  }
  return 0;
}
