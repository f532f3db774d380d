/**
 * What no text of a stranger may bring to a terminal, a log or a report: controls (a tab and a carriage return too), separators
 * of lines and paragraphs, what turns the direction of writing, and halves of characters. The break between lines is the only
 * one that is none of them. A test whose output has more of its own takes that away first, and nothing else.
 */
export const STEERS = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/u;
