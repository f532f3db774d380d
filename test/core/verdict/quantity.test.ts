import t from 'tap';
import {
  formatBytes,
  formatCount,
  formatJudged,
  formatMs,
  formatNumber,
  formatQuantity,
  formatRate,
  formatShare,
  formatSpan,
  type ResultUnit,
} from '../../../core/verdict/quantity.ts';
import fc from '../../kit/property.ts';

t.test('numbers as a person reads them', async (t) => {
  const cases: [written: string, expected: string][] = [
    [formatMs(0), '0'],
    [formatMs(8), '0.008'],
    [formatMs(823), '0.823'],
    [formatMs(50_015), '50'],
    [formatMs(52_790, 4), '52.79'],
    [formatMs(73_200), '73.2'],
    [formatMs(612_400), '612'],
    [formatMs(2_016_000), '2016'],
    [formatMs(3_600_000_000), '3,600,000'],
    [formatCount(9069), '9069'],
    [formatCount(201_048), '201,048'],
    [formatRate(372.1), '372.1'],
    [formatRate(0.95), '0.95'],
    [formatRate(15_034.4), '15,034'],
    [formatShare(0), '0%'],
    [formatShare(1), '100%'],
    [formatShare(0.0015), '0.15%'],
    [formatShare(0.9985), '99.85%'],
    [formatShare(0.99999), '99.999%'],
    [formatShare(1 / 3_000_000), '0.0000333%'],
    [formatNumber(-1.5), '-1.5'],
    [formatNumber(123_456), '123,456'],
    [formatBytes(0), '0 B'],
    [formatBytes(8 * 2 ** 30), '8 GiB'],
    [formatSpan(540_123_456, 'en'), '9m'],
    [formatSpan(18_040_000, 'en'), '18s'],
    [formatSpan(1_250_000, 'zh-CN'), '1.3秒'],
    [formatSpan(100_000_000, 'zh-CN'), '1分40秒'],
    [formatSpan(0, 'en'), '0s'],
    [formatQuantity(73_000, 'us'), '73 ms'],
    [formatQuantity(0.001, 'share'), '0.1%'],
    [formatQuantity(372.3, 'perSecond'), '372.3/s'],
    [formatQuantity(3, 'count'), '3'],
  ];
  for (const [written, expected] of cases) t.equal(written, expected);
});

t.test('a value is never shown on another side of its limit, nor the limit rounded', async (t) => {
  const cases: [actual: number, limit: number, unit: ResultUnit, actualText: string, limitText: string][] = [
    [299.97, 300, 'perSecond', '299.97/s', '300/s'],
    [0.0010004, 0.001, 'share', '0.10004%', '0.1%'],
    [0.007, 0.007, 'share', '0.7%', '0.7%'],
    [0.99896, 0.999, 'share', '99.896%', '99.9%'],
    [0.99899999, 0.999, 'share', '99.899999%', '99.9%'],
    [12_260, 12_250, 'us', '12.3 ms', '12.25 ms'],
    [12_260, 12_270, 'us', '12.26 ms', '12.27 ms'],
    [12_250, 12_250, 'us', '12.25 ms', '12.25 ms'],
    [73_200, 200_000, 'us', '73.2 ms', '200 ms'],
    [12_345.4, 12_345, 'perSecond', '12,345.4/s', '12,345/s'],
    [5.001, 5, 'count', '5.001', '5'],
    [0, 0, 'count', '0', '0'],
  ];
  for (const [actual, limit, unit, actualText, limitText] of cases) {
    t.equal(formatJudged(actual, limit, unit), actualText);
    t.equal(formatJudged(limit, limit, unit), limitText);
  }
  const us = fc.integer({ min: 0, max: 1e7 });
  const read = (text: string) => Number.parseFloat(text.replaceAll(',', ''));
  fc.assert(
    fc.property(us, us, (actual, limit) => {
      const shown = read(formatJudged(actual, limit, 'us')) - read(formatJudged(limit, limit, 'us'));
      return Math.sign(shown) === Math.sign(actual - limit);
    }),
  );
});

t.test('not all is never shown as all, and something never as nothing', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 1e9 }), (a, b) => {
      const share = Math.min(a, b) / Math.max(a, b);
      const shown = formatShare(share);
      return (shown === '100%') === (share === 1) && shown !== '0%';
    }),
  );
});
