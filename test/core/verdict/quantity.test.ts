import fc from 'fast-check';
import t from 'tap';
import {
  formatBytes,
  formatCount,
  formatMs,
  formatNumber,
  formatQuantity,
  formatRate,
  formatShare,
  formatSpan,
} from '../../../core/verdict/quantity.ts';

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

t.test('not all is never shown as all, and something never as nothing', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 1e9 }), (a, b) => {
      const share = Math.min(a, b) / Math.max(a, b);
      const shown = formatShare(share);
      return (shown === '100%') === (share === 1) && shown !== '0%';
    }),
  );
});
