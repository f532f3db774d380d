import t from 'tap';
import { formComponent, formPieces } from '../../../../plugins/http/body/form-encoding.ts';
import fc, { anyCharacter } from '../../../kit/property.ts';

const text = fc.string({ unit: anyCharacter });

t.test('a form is read back as it was written, by the platform', async () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text)), (fields) => {
      const encoded = fields.map(([name, value]): [string, string] => [formComponent(name), formComponent(value)]);
      const form = formPieces(encoded).join('');
      const read = [...new URLSearchParams(form)];
      return /^[\x21-\x7e]*$/.test(form) && JSON.stringify(read) === JSON.stringify(fields);
    }),
  );
});

t.test('what the encoding does', async (t) => {
  t.equal(formComponent('a b&c=d+é~!'), 'a+b%26c%3Dd%2B%C3%A9%7E%21');
  t.equal(formComponent('\ud800'), '%EF%BF%BD', 'half a character, as browsers send it');
});
