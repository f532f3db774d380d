/**
 * fast-check, which tries the same cases in every run, so that a test holds or fails, but never both. Other cases are
 * tried by hand: `FC_SEED=$RANDOM npx tap test/core/stats/histogram.test.ts`.
 */
import process from 'node:process';
import fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.FC_SEED ?? 20_261_201) });

export default fc;

/** Code points of halves of surrogate pairs, which are no characters. */
const HALVES = { from: 0xd800, to: 0xe000 };
const COUNT = 0x110000 - (HALVES.to - HALVES.from);

/**
 * Any character of Unicode, as the `unit` of `fc.string`. It draws what fast-check's unit `binary` draws, which makes a table of
 * all 1.1 million of them first, for seconds.
 */
export const anyCharacter: fc.Arbitrary<string> = fc.nat({ max: COUNT - 1 }).map(
  (index) => String.fromCodePoint(index < HALVES.from ? index : index + HALVES.to - HALVES.from),
  (text) => {
    const code = typeof text === 'string' ? text.codePointAt(0) : undefined;
    const isHalf = code !== undefined && code >= HALVES.from && code < HALVES.to;
    if (code === undefined || isHalf || text !== String.fromCodePoint(code))
      throw new Error('It is not one character.');
    return code < HALVES.from ? code : code - (HALVES.to - HALVES.from);
  },
);
