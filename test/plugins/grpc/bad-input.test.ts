// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of the driver's own templates
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import grpc from '../../../plugins/grpc.ts';
import { checkedOptions } from '../../../testing/checked-options.ts';
import { PROTOS } from './shop-server.ts';

const ORDER = 'shop.v1.Shop/PlaceOrder';
const ECHO = 'shop.v1.Shop/Echo';

/** What the options themselves get wrong. */
async function refused(options: object): Promise<string[]> {
  const { issues = [] } = await grpc.options['~standard'].validate(options);
  return issues.map(({ path = [], message }) => `${path.join('.')}: ${message}`);
}

/** What only the files tell. */
async function problems(options: object, folder = PROTOS): Promise<string[]> {
  const checked = await checkedOptions(grpc, { proto: 'shop.proto', ...options });
  return (grpc.problems?.(checked, folder) ?? []).map(({ path = [], message }) => `${path.join('.')}: ${message}`);
}

t.test('options that are wrong', async (t) => {
  t.strictSame(await refused({ operations: { a: { method: 'Order' } } }), [
    'operations.a.method: must be a service and a method, such as greeter.Greeter/SayHello, not "Order"',
    'proto: there must be either proto or descriptorSet',
  ]);
  t.strictSame(await refused({ operations: { a: { method: ORDER } } }), [
    'proto: there must be either proto or descriptorSet',
  ]);
  t.match(
    await refused({
      proto: 'x.proto',
      operations: {
        a: {
          method: ORDER,
          metadata: { 'grpc-timeout': '1S', 'a b': '' },
          checks: { status: 'LOST' },
          extract: { x: {} },
          message: { deep: [{ text: '${random(2, 1)}' }] },
        },
        b: { method: ORDER, message: { customer: '${users.name}' } },
      },
      connections: 5,
    }),
    [
      /operations\.a\.message\.deep\.0\.text: .*the least value must not be above the most/,
      /operations\.a\.metadata\.a b: "a b" is not a valid name of metadata/,
      /operations\.a\.checks\.status: must be one of OK, CANCELLED/,
      /operations\.a\.extract\.x: must say where the value is: json, metadata, status or regex/,
      /connections: must be \{ pool: 5 \}/,
    ],
  );
  t.match(
    await refused({ proto: 'x.proto', operations: { b: { method: ORDER, message: { customer: '${users.name}' } } } }),
    ['operations.b: placeholder ${users.name}: there is no data "users"; name its file under data.users'],
  );
  t.match(await refused({ proto: 'x.proto', operations: { a: { method: ORDER, metadata: { te: 'x' } } } }), [
    'operations.a.metadata.te: is set by the client itself: leave it out',
  ]);
});

t.test('metadata under one name twice', async (t) => {
  const given = { proto: 'x.proto', operations: { a: { method: ORDER } }, metadata: { 'X-A': '1', 'x-a': '2' } };
  t.strictSame(await refused(given), ['metadata.x-a: is the same as X-A: give one of them']);
});

t.test('methods that cannot be called', async (t) => {
  t.strictSame(
    await problems({
      operations: {
        near: { method: 'shop.v1.Shop/PlaceOrdr' },
        far: { method: 'greeter.Greeter/SayHello' },
        stream: { method: 'shop.v1.Shop/Watch' },
        streams: { method: 'shop.v1.Shop/Load' },
      },
    }),
    [
      'operations.near.method: there is no method shop.v1.Shop/PlaceOrdr; did you mean shop.v1.Shop/PlaceOrder?',
      'operations.far.method: there is no method greeter.Greeter/SayHello; known: shop.v1.Shop/Echo, shop.v1.Shop/PlaceOrder',
      'operations.stream.method: shop.v1.Shop/Watch answers with a stream: only unary methods can be called',
      'operations.streams.method: shop.v1.Shop/Load takes a stream: only unary methods can be called',
    ],
  );
});

t.test('fields that do not fit, all at once', async (t) => {
  const message = {
    aDouble: 'much',
    an_int64: 1.5,
    a_bool: 'true',
    some_bytes: 'not base64!',
    state: 'PAYED',
    numbers: 7,
    prices: { a: { unit: 1 }, b: { units: 'x' } },
    flags: { yes: true },
    text: 'a',
    label: { nam: 'b' },
    at: 'yesterday',
    took: 5,
    wrapped: 5,
    label_by: [],
    extra: 1,
  };
  t.strictSame(await problems({ operations: { a: { method: ECHO, message } } }), [
    'operations.a.message.aDouble: must be a number, not "much"',
    'operations.a.message.an_int64: must be a whole number (int64), not 1.5',
    'operations.a.message.a_bool: must be true or false, not "true"',
    'operations.a.message.some_bytes: must be bytes in base64, not "not base64!"',
    'operations.a.message.state: must be PAID, not "PAYED"',
    'operations.a.message.numbers: must be a list, not 7',
    'operations.a.message.prices.a.unit: shop.v1.parts.Money has no field unit; did you mean units?',
    'operations.a.message.prices.b.units: must be a whole number (int64), not "x"',
    'operations.a.message.flags.yes: the key must be a whole number',
    'operations.a.message.label: text is set too, and only one of choice can be',
    'operations.a.message.label.nam: shop.v1.Everything.Label has no field nam; did you mean name?',
    'operations.a.message.at: must be google.protobuf.Timestamp as it is written in JSON, such as "2026-01-31T12:00:00Z", not "yesterday"',
    'operations.a.message.took: must be google.protobuf.Duration as it is written in JSON, such as "1.5s", not 5',
    'operations.a.message.wrapped: must be text, not 5',
    'operations.a.message.label_by: must be a map, not []',
    'operations.a.message.extra: shop.v1.Everything has no field extra; its fields: a_double, a_float, an_int64, a_uint64, a_bool, some_bytes, state, numbers, prices, flags, and 10 more',
  ]);
  t.match(await problems({ operations: { a: { method: ECHO, message: { prices: { a: {} } } } } }), [
    /operations\.a\.message.*units/,
  ]);
  t.strictSame(await problems({ operations: { a: { method: ORDER, message: [1] } } }), [
    'operations.a.message: must be a map with the fields of shop.v1.OrderRequest, not [1]',
  ]);
});

t.test('files that cannot be used', async (t) => {
  const operations = { a: { method: 'a.A/B' } };
  const folder = t.testdir({
    'wrong.proto': 'syntax = "proto3";\nmessage A {\n  int32 a = ;\n}\n',
    'lost.proto': 'syntax = "proto3";\nmessage A {\n  Nothing a = 1;\n}\n',
    'import.proto': 'syntax = "proto3";\nimport "other/x.proto";\n',
    'set.binpb': 'not one',
    'empty.binpb': '',
    more: {
      other: { 'x.proto': 'syntax = "proto3";\npackage a;\nservice A { rpc B(M) returns (M); }\nmessage M {}\n' },
    },
  });
  const shown = (name: string) => join(folder, name);
  t.strictSame(await problems({ proto: ['none.proto', 'wrong.proto'], operations }, folder), [
    `proto.0: ${shown('none.proto')} cannot be read: no such file or directory`,
    `proto.1: ${shown('wrong.proto')}: illegal id ';' (line 3)`,
  ]);
  t.match(await problems({ proto: 'lost.proto', operations }, folder), [
    "proto: no such Type or Enum 'Nothing' in Type .A, nor in what it imports",
  ]);
  t.strictSame(await problems({ proto: 'import.proto', operations }, folder), [
    `proto.0: ${shown('import.proto')} imports other/x.proto, which is not there: name the folder that it lies in under importPaths`,
  ]);
  t.strictSame(await problems({ proto: 'import.proto', importPaths: ['more'], operations }, folder), []);
  t.match(await problems({ proto: undefined, descriptorSet: 'set.binpb', operations }, folder), [
    /set\.binpb is no whole descriptor set/,
  ]);
  t.match(await problems({ proto: undefined, descriptorSet: 'empty.binpb', operations }, folder), [
    /empty\.binpb describes nothing/,
  ]);
});

t.test('all files that are imported are sent with a run', async (t) => {
  const options = await checkedOptions(grpc, { proto: 'shop.proto', operations: { a: { method: ORDER } } });
  t.same(new Set(grpc.files?.(options, '', PROTOS)), new Set(['shop.proto', 'parts/money.proto']));
});

t.test('a descriptor set means the same as its files', async (t) => {
  const set = join(t.testdir(), 'shop.binpb');
  const buf = join(import.meta.dirname, '../../../node_modules/.bin/buf');
  writeFileSync(set, execFileSync(buf, ['build', PROTOS, '-o', '-#format=binpb']));
  const message = {
    anInt64: '5',
    prices: { a: { units: 1 } },
    label_by: { a: { name: 'x' } },
    at: '2026-01-31T12:00:00Z',
    wrongField: 1,
  };
  const operations = { a: { method: ECHO, message } };
  t.strictSame(await problems({ proto: undefined, descriptorSet: set, operations }), await problems({ operations }));
});
