import { isPrintable } from '../../text/printable.ts';

/** What people say of a run, for those who look for it later. It changes nothing of the run. */
export interface RunNotes {
  /** Text of any number of lines. */
  readonly note: string;
  readonly tags: readonly string[];
}

export const NO_NOTES: RunNotes = { note: '', tags: [] };

export const MAX_NOTE_CHARACTERS = 2000;
export const MAX_RUN_TAGS = 20;
/** Vowels of Thai and Hindi are marks on letters. */
export const RUN_TAG = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._:/=-]{0,49}$/u;

/** Each tag once, and lines that end as everywhere. @returns a sentence about what is wrong, or the notes */
export function checkedNotes({ note, tags }: RunNotes): RunNotes | string {
  const lines = note.split(/\r?\n/);
  if (note.length > MAX_NOTE_CHARACTERS)
    return `the note is too long: it has at most ${MAX_NOTE_CHARACTERS} characters`;
  if (!lines.every(isPrintable)) return 'the note has characters that do not print: leave them out';
  const different = [...new Set(tags)];
  if (different.length > MAX_RUN_TAGS) return `there are too many tags: a run has at most ${MAX_RUN_TAGS}`;
  const wrong = different.findIndex((tag) => !RUN_TAG.test(tag));
  if (wrong < 0) return { note: lines.join('\n'), tags: different };
  return `tag ${wrong + 1} must have 1 to 50 letters, digits and . _ : / = - and begin with a letter or digit`;
}
