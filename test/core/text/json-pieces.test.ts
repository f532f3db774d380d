import t from 'tap';
import { jsonPieces } from '../../../core/text/json-pieces.ts';
import { packResult, unpackResult } from '../../../proto/stored-run.ts';
import { sampleResult } from '../../../testing/index.ts';
import fc from '../../kit/property.ts';

t.test('the pieces are what JSON.stringify makes', async (t) => {
  const value = fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.option(fc.jsonValue(), { nil: undefined })));
  fc.assert(fc.property(value, (one) => [...jsonPieces(one)].join('') === JSON.stringify(one)));
  t.equal([...jsonPieces([undefined, Number.NaN])].join(''), '[null,null]');
});

t.test('no piece of a long run is longer than a column of its timeline', async (t) => {
  const column = Array.from({ length: 100_000 }, (_, second) => second);
  const long = { timeline: { operations: Array.from({ length: 20 }, () => ({ requests: column, errors: column })) } };
  const pieces = [...jsonPieces(long)];
  t.equal(pieces.join(''), JSON.stringify(long));
  t.ok(Math.max(...pieces.map(({ length }) => length)) < 2 ** 18 + JSON.stringify(column).length + 100);
});

t.test('a result is packed in pieces, and one that its reader cannot hold is said to be stored whole', async (t) => {
  const result = sampleResult('passed');
  const packed = await packResult(jsonPieces(result));
  t.strictSame(JSON.parse(await unpackResult([packed.subarray(0, 100), packed.subarray(100)])), result);
  await t.rejects(unpackResult([await packResult(['"', 'x'.repeat(1e6), '"'])], 1e6), {
    code: 'result_too_large',
    message:
      /^the result has more than the 1 MB that this runtime can read: the run is stored whole, and `bench report` on Bun/,
  });
  const broken = function* () {
    yield '[';
    throw new TypeError('no JSON');
  };
  await t.rejects(packResult(broken()), { message: 'no JSON' });
});
