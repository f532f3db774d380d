import t from 'tap';
import { readUpload } from '../../target/upload.ts';
import fc from '../kit/property.ts';

const JSON_TYPE = 'application/json';
const fieldsOf = (text: string, contentType: string | null = JSON_TYPE) => {
  const read = readUpload(contentType, text);
  return 'deviceId' in read ? [] : read.map(({ field }) => field);
};

t.test('every valid upload is read as it was sent', async (t) => {
  const deviceId = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 50 })
    .filter((text) => [...text].length <= 50 && !text.includes('\0'));
  const testData = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
  fc.assert(
    fc.property(deviceId, testData, (device_id, test_data) => {
      const read = readUpload(JSON_TYPE, JSON.stringify({ device_id, test_data, ignored: true }));
      t.strictSame(read, { deviceId: device_id, testData: test_data });
    }),
    { numRuns: 50 },
  );
});

t.test('length is counted in characters', async (t) => {
  t.strictSame(fieldsOf(JSON.stringify({ device_id: '🚗'.repeat(50), test_data: 1 })), []);
  t.strictSame(fieldsOf(JSON.stringify({ device_id: '🚗'.repeat(51), test_data: 1 })), ['device_id']);
});

t.test('the content type may carry a charset and capitals', async (t) => {
  const body = '{"device_id":"a","test_data":1}';
  for (const type of ['application/json; charset=utf-8', 'Application/JSON', ' application/json ;x=y']) {
    t.strictSame(fieldsOf(body, type), [], type);
  }
  for (const type of [null, '', 'text/plain', 'application/jsonp', 'multipart/form-data; boundary=x']) {
    t.strictSame(fieldsOf(body, type), ['content-type'], String(type));
  }
});

t.test('text that a database would change is refused', async (t) => {
  t.strictSame(fieldsOf('{"device_id":"a\\u0000b","test_data":1}'), ['device_id']);
  t.strictSame(fieldsOf('{"device_id":"\\ud800","test_data":1}'), ['device_id']);
});

t.test('keys of the prototype are no fields', async (t) => {
  t.strictSame(fieldsOf('{"__proto__":{"device_id":"a","test_data":1}}'), ['device_id', 'test_data']);
});
