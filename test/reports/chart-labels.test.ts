import t from 'tap';
import { matchEach } from '../kit/match-each.ts';
import fc from '../kit/property.ts';

interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}
type Placed = (
  lines: readonly { text: string; y: number; width: number }[],
  area: { left: number; top: number; width: number; height: number },
  labelHeight: number,
  isCrossed?: (left: number, top: number, width: number, height: number) => boolean,
) => readonly Label[];

/** The page's own code, which has no types. */
const charts = new URL('../../reports/web/charts.js', import.meta.url).href;
const { placed } = (await import(charts)) as { placed: Placed };

const AREA = { left: 60, top: 10, width: 700, height: 180 };
const HEIGHT = 15;

const overlap = (a: Label, b: Label) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + HEIGHT && b.y < a.y + HEIGHT;

t.test('labels of limits hide none of each other, and stay in the chart, however close the limits are', async (t) => {
  const lines = fc.array(
    fc.record({ text: fc.string(), y: fc.integer({ min: 10, max: 190 }), width: fc.integer({ min: 20, max: 300 }) }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(lines, (given) => {
      const labels = placed(given, AREA, HEIGHT);
      const isInside = ({ x, y, width }: Label) => x >= 60 && x + width <= 760 && y >= 10 && y + HEIGHT <= 190;
      return labels.every(isInside) && labels.every((a, i) => labels.slice(i + 1).every((b) => !overlap(a, b)));
    }),
  );
  for (const width of [250, 700]) {
    const close = [50, 52, 53, 53].map((y, i) => ({ text: String(i), y, width: 150 }));
    t.equal(placed(close, { ...AREA, width }, HEIGHT).length, 4, `all are shown in a chart of ${width} pixels`);
  }
  matchEach(t, placed([{ text: 'alone', y: 100, width: 90 }], AREA, HEIGHT), [{ x: 670, y: 85 }], 'above its line');
  matchEach(t, placed([{ text: 'at the top', y: 12, width: 90 }], AREA, HEIGHT), [{ x: 670, y: 13 }], 'below it');
});

t.test('labels of limits hide no curve, where there is a place beside it', async (t) => {
  // A curve just above the limit, as that of a recall that meets it, and one that falls at the end.
  const above = (_left: number, top: number, _width: number, height: number) => top <= 88 && top + height >= 88;
  const limit = { text: 'recall', y: 100, width: 90 };
  matchEach(t, placed([limit], AREA, HEIGHT, above), [{ x: 670, y: 101 }], 'below its line');
  const atTheEnd = (left: number, _top: number, width: number) => left + width > 700;
  matchEach(t, placed([limit], AREA, HEIGHT, atTheEnd), [{ x: 60, y: 85 }], 'at the left end');
  matchEach(
    t,
    placed([limit], AREA, HEIGHT, () => true),
    [{ x: 670, y: 85 }],
    'there are curves everywhere',
  );
});
