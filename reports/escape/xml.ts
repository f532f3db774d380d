/** Characters that XML 1.0 cannot contain, even as references: most controls, lone surrogates, two non-characters. */
const ILLEGAL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Escapes the content of elements and attributes. It is read back unchanged, apart from the signs of {@link xmlText}. */
export function xmlEscaped(text: string): string {
  return xmlText(text).replaceAll(/[&<>"\t\n\r]/g, (character) => REFERENCES[character] as string);
}

/** The text with a visible sign in place of each character that XML cannot contain. */
export function xmlText(text: string): string {
  return text.replaceAll(ILLEGAL, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
  });
}

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly content?: string | readonly Element[];
}

export function xmlOf(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${elementOf(root, '')}`;
}

function elementOf({ name, attributes, content = [] }: Element, indent: string): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${xmlEscaped(String(value))}"`);
  const start = `${indent}<${name}${given.join('')}`;
  if (content.length === 0) return `${start}/>\n`;
  if (typeof content === 'string') return `${start}>${xmlEscaped(content)}</${name}>\n`;
  return `${start}>\n${content.map((child) => elementOf(child, `${indent}  `)).join('')}${indent}</${name}>\n`;
}
