import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { nanoid } from 'nanoid';
import t from 'tap';
import { JoinSchema } from '../../proto/gen/bench/v1/agent_pb.ts';

const [asked] = process.argv.slice(2);

function runtimeName(): string {
  if ('Bun' in globalThis) return 'bun';
  return 'Deno' in globalThis ? 'deno' : 'node';
}

if (asked !== undefined) t.equal(runtimeName(), asked, 'runs under the runtime that was asked for');

t.test('a generated message survives the wire', async (t) => {
  const join = create(JoinSchema, { name: 'agent-1', epoch: 'e', drivers: ['http-upload', 'null'] });
  const received = fromBinary(JoinSchema, toBinary(JoinSchema, join));
  t.equal(received.name, 'agent-1');
  t.same(received.drivers, ['http-upload', 'null']);
});

t.test('ids are 21 URL-safe characters and differ', async (t) => {
  const ids = new Set(Array.from({ length: 1000 }, () => nanoid()));
  t.equal(ids.size, 1000);
  for (const id of ids) if (!/^[\w-]{21}$/.test(id)) t.fail(`${id} is no id`);
});
