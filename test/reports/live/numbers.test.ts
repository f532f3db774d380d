import t from 'tap';
import {
  formatBytes,
  formatCount,
  formatMs,
  formatNumber,
  formatRate,
  formatShare,
  formatUsed,
} from '../../../core/verdict/quantity.ts';
import fc from '../../kit/property.ts';

const ofReports = { formatBytes, formatCount, formatMs, formatNumber, formatRate, formatShare, formatUsed };
type Forms = Record<keyof typeof ofReports, (value: number) => string>;

const ofPage = (await import(new URL('../../../reports/web/live/numbers.js', import.meta.url).href)) as Forms;

t.test('the page writes numbers as the reports do', async (t) => {
  const amount = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e12, noNaN: true }));
  const share = fc.oneof(fc.constantFrom(0, 1, 0.99999, 0.5), fc.double({ min: 0, max: 1, noNaN: true }));
  const both: [keyof Forms, fc.Arbitrary<number>][] = [
    ['formatMs', amount],
    ['formatCount', amount],
    ['formatRate', amount],
    ['formatNumber', amount],
    ['formatBytes', amount],
    ['formatShare', share],
    ['formatUsed', share],
  ];
  for (const [name, values] of both) {
    fc.assert(fc.property(values, (value) => ofPage[name](value) === ofReports[name](value)));
    t.pass(name);
  }
});
