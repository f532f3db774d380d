import t from 'tap';
import { clipped, oneLine, oneLines, printable } from '../../../core/text/printable.ts';
import fc from '../../kit/property.ts';

/** What a terminal, an editor or a log viewer takes for more than a character to show. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be left
const ACTIVE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\u0000',
      '\n',
      '\r',
      '\u001b',
      '\u007f',
      '\u0085',
      '\u009b',
      '\u061c',
      '\u200f',
      '\u202e',
      '\u2066',
    ),
    fc.constantFrom('\u2028', '\ud800', '\udc00', '😀', 'é', ' ', 'a'),
  ),
});

t.test('nothing that acts on a terminal is left, and what prints stays', async () => {
  fc.assert(
    fc.property(hostile, (text) => {
      for (const shown of [printable(text), oneLine(text)]) {
        if (ACTIVE.test(shown) || !shown.isWellFormed()) return false;
      }
      return true;
    }),
  );
  fc.assert(fc.property(fc.constantFrom('GET /é', '请求 “x”', '👩‍👩‍👧 a', 'שלום'), (text) => printable(text) === text));
});

t.test('text of a stranger is one short line', async (t) => {
  t.equal(oneLine(' a\r\n\tb  c '), 'a b c');
  t.equal(oneLine('\u001b[31mred'), '␛[31mred');
  t.equal(oneLine('x'.repeat(20_000_000)).length, 600);
  t.equal(oneLine('abcdef', 4), 'abc…');
  t.equal(oneLine('😀'.repeat(5), 4), '😀😀😀…');
  t.same(oneLines(Array.from({ length: 70 }, (_, i) => `${i}\n`)).slice(-2), ['48', '49']);
});

t.test('a clipped text has as many characters as are allowed, however long it was', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), fc.integer({ min: 1, max: 30 }), (text, max) => {
      const characters = [...text];
      const expected = characters.length <= max ? text : `${characters.slice(0, max - 1).join('')}…`;
      return clipped(text, max) === expected;
    }),
  );
});
