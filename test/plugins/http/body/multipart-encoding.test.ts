import t from 'tap';
import { byteString } from '../../../../plugins/data/template.ts';
import {
  dispositionValue,
  multipartContentType,
  multipartPieces,
} from '../../../../plugins/http/body/multipart-encoding.ts';
import fc, { anyCharacter } from '../../../kit/property.ts';

const BOUNDARY = 'bench-0123';

interface Part {
  readonly name: string;
  readonly filename: string | undefined;
  readonly bytes: Uint8Array;
}

/** A line end in a name is one of three in forms, and all become the same. */
const name = fc.string({ minLength: 1, unit: anyCharacter }).filter((text) => !/[\r\n\0]|%0[AD]|%22/i.test(text));
const part = fc.record<Part>({
  name,
  filename: fc.option(name, { nil: undefined }),
  bytes: fc.uint8Array({ maxLength: 200 }),
});

async function readBack(parts: readonly Part[]): Promise<unknown[]> {
  const pieces = multipartPieces(
    parts.map(({ name, filename, bytes }) => ({
      name: byteString(dispositionValue(name)),
      filename: filename === undefined ? undefined : byteString(dispositionValue(filename)),
      contentType: filename === undefined ? undefined : 'image/png',
      content: Buffer.from(bytes).toString('latin1'),
    })),
    BOUNDARY,
  );
  const headers = { 'content-type': multipartContentType(BOUNDARY).join('') };
  const form = await new Response(Buffer.from(pieces.join(''), 'latin1'), { headers }).formData();
  const read = [...form].map(async ([name, value]) => {
    if (typeof value === 'string') return { name, text: value };
    return { name, filename: value.name, type: value.type, bytes: [...new Uint8Array(await value.arrayBuffer())] };
  });
  return Promise.all(read);
}

t.test('what is sent is what a parser reads back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), async (parts) => {
      const expected = parts.map(({ name, filename, bytes }) =>
        filename === undefined
          ? { name, text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) }
          : { name, filename, type: 'image/png', bytes: [...bytes] },
      );
      const read = await readBack(parts);
      if (JSON.stringify(read) !== JSON.stringify(expected)) throw new Error(JSON.stringify({ read, expected }));
    }),
    { numRuns: 200 },
  );
});

t.test('quotes and line ends in a name cannot end it', async (t) => {
  const hostile = 'a"; filename="x\r\nX-Header: 1\r\n\r\n';
  const escaped = 'a%22; filename=%22x%0D%0AX-Header: 1%0D%0A%0D%0A';
  t.equal(dispositionValue(hostile), escaped);
  t.strictSame(await readBack([{ name: hostile, filename: undefined, bytes: Buffer.from('v') }]), [
    { name: hostile, text: 'v' },
  ]);
});
