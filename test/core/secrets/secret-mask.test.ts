import t from 'tap';
import { SecretMask } from '../../../core/secrets/secret-mask.ts';
import fc from '../../kit/property.ts';

t.test('a secret within a text that is encoded in base64 as a whole is hidden, wherever it begins', async (t) => {
  const text = fc.string({ maxLength: 12 });
  const secret = fc.string({ minLength: 8, maxLength: 40 }).filter((value) => value.trim().length >= 8);
  fc.assert(
    fc.property(
      text,
      secret,
      text,
      fc.constantFrom('base64' as const, 'base64url' as const),
      (before, value, after, as) => {
        const mask = new SecretMask();
        mask.add(value, '<hidden>');
        const encoded = Buffer.from(before + value + after).toString(as);
        const shown = mask.hide(`X-Auth: Basic ${encoded}`);
        const decoded = shown
          .replace('X-Auth: Basic ', '')
          .split('<hidden>')
          .map((part) => Buffer.from(part, as).toString())
          .join('');
        t.ok(shown.includes('<hidden>'), shown);
        t.notOk(decoded.includes(value), decoded);
      },
    ),
  );
});

t.test('short secrets are hidden alone, and do not hide what only looks like them', async (t) => {
  const mask = new SecretMask();
  mask.add('abcd', '<hidden>');
  t.equal(mask.hide('YWJjZA=='), '<hidden>==');
  t.equal(mask.hide(`:${Buffer.from('x:abcd').toString('base64')}`), ':eDphYmNk');
});
