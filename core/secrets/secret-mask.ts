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
    for (const form of formsOf(value)) {
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

/** Bodies of JSON that hold texts of JSON: an answer may repeat a request, and a log may hold the answer. */
const MAX_NESTED_JSON = 3;

/** A value as it may stand in a request, and in an answer that repeats it. Most of these are the same for a value of letters and digits. */
function formsOf(value: string): Set<string> {
  let nested = value;
  const forms = new Set([value, ...value.split(/\r?\n/), ...encodingsOf(value), ...inBase64(value)]);
  for (let depth = 0; depth < MAX_NESTED_JSON; depth++) {
    nested = inJson(nested);
    for (const form of [nested, ...encodingsOf(nested)]) forms.add(form);
  }
  return forms;
}

function encodingsOf(value: string): string[] {
  const encoded = encodeURIComponent(value);
  return [
    // As PHP writes it in JSON, and as Python does.
    value.replaceAll('/', '\\/'),
    value.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    encoded,
    encoded.replaceAll(/%[\dA-F]{2}/g, (hex) => hex.toLowerCase()),
    new URLSearchParams([['', value]]).toString().slice(1),
    ...["'", '&#39;', '&#x27;'].flatMap((quote) =>
      ['"', '&quot;', '&#34;'].map((double) => inHtml(value, quote, double)),
    ),
  ];
}

function inJson(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

/** In a longer text that is encoded as a whole, such as `user:password`, a shorter value could be found by chance. */
const MIN_ENCODED_BYTES = 6;

/**
 * The value in base64 (RFC 4648, both alphabets): alone, and what is always the same of it within a longer text, of which each
 * three bytes become four characters, wherever the value begins in them.
 */
function inBase64(value: string): string[] {
  const bytes = Buffer.from(value);
  const alone = bytes.toString('base64').replace(/=+$/, '');
  if (bytes.length < MIN_ENCODED_BYTES) return [alone];
  const within = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const bits = 8 * (before + bytes.length);
    return encoded.slice(Math.ceil((8 * before) / 6), Math.floor(bits / 6));
  });
  return [alone, ...within].flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')]);
}

function inHtml(value: string, quote: string, double: string): string {
  const text = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return text.replaceAll("'", quote).replaceAll('"', double);
}

/** How many characters at the end of the text are the beginning of the value. */
function cutOff(text: string, value: string): number {
  for (let length = Math.min(value.length - 1, text.length); length >= MIN_CHARACTERS; length--) {
    if (text.endsWith(value.slice(0, length))) return length;
  }
  return 0;
}
