/** One caller that makes thousands of calls, takes them back at once, or reads no answer. */
import { setImmediate } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import * as grpc from '@grpc/grpc-js';
import t, { type Test } from 'tap';
import { ListRunsRequestSchema, RunService } from '../../../proto/gen/bench/v1/run_pb.ts';
import { addService, createClient, SERVER_OPTIONS, type ServiceHandlers } from '../../../proto/rpc/adapter.ts';
import { CallerTurns } from '../../../proto/rpc/caller-turns.ts';
import { stalledCall } from '../../kit/stalled-call.ts';

const LIST = `${RunService.typeName}/ListRuns`;

async function serve(t: Test, handlers: Partial<ServiceHandlers<typeof RunService>>): Promise<number> {
  const server = new grpc.Server(SERVER_OPTIONS);
  addService(server, RunService, handlers as ServiceHandlers<typeof RunService>);
  t.teardown(() => server.forceShutdown());
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

const until = async (isDone: () => boolean) => {
  while (!isDone()) await setImmediate();
};

t.test('of two hundred calls of one caller sixteen are worked on, and the others follow', async (t) => {
  const open: (() => void)[] = [];
  let most = 0;
  let underWay = 0;
  const port = await serve(t, {
    async listRuns() {
      most = Math.max(most, ++underWay);
      await new Promise<void>((resolve) => open.push(resolve));
      underWay--;
      return { runs: [] };
    },
  });
  const client = createClient(RunService, `127.0.0.1:${port}`);
  t.teardown(() => client.close());
  let answered = 0;
  const calls = Array.from({ length: 200 }, async () => {
    await client.listRuns({});
    answered++;
  });
  await until(() => open.length === 16);
  while (answered < 200) {
    open.shift()?.();
    await setImmediate();
  }
  await Promise.all(calls);
  t.equal(most, 16);
});

t.test(
  'a call that is taken back keeps its turn until its work is done, and one that waits does no work',
  async (t) => {
    let begun = 0;
    const gate = Promise.withResolvers<void>();
    const port = await serve(t, {
      async listRuns() {
        begun++;
        await gate.promise;
        return { runs: [] };
      },
    });
    const stalled = () => stalledCall(t, port, LIST, ListRunsRequestSchema);
    const calls = await Promise.all(Array.from({ length: 40 }, stalled));
    for (const { send, stream } of calls) {
      send(create(ListRunsRequestSchema));
      stream.end();
    }
    await until(() => begun === 16);
    for (const { stream } of calls) stream.close(8);
    await Promise.all(calls.map(({ closed }) => closed));
    const client = createClient(RunService, `127.0.0.1:${port}`);
    t.teardown(() => client.close());
    const honest = client.listRuns({});
    for (let turn = 0; turn < 50; turn++) await setImmediate();
    t.equal(begun, 16, 'their work goes on');
    gate.resolve();
    await honest;
    t.equal(begun, 17);
  },
);

t.test('answers that nobody reads take the turns of their own caller', async (t) => {
  let begun = 0;
  const port = await serve(t, {
    listRuns() {
      begun++;
      return { runs: [{ runId: 'x'.repeat(100_000) }] };
    },
  });
  const calls = await Promise.all(Array.from({ length: 40 }, () => stalledCall(t, port, LIST, ListRunsRequestSchema)));
  for (const { send, stream } of calls) {
    send(create(ListRunsRequestSchema));
    stream.end();
  }
  await until(() => begun === 16);
  for (let turn = 0; turn < 50; turn++) await setImmediate();
  t.equal(begun, 16);
  for (const { stream } of calls.slice(0, 16)) stream.close(8);
  await until(() => begun === 32);
});

t.test('turns are those of a certificate, or of an address; each caller has its own', async (t) => {
  const turns = new CallerTurns(1);
  const one = { peer: '192.0.2.1:1000', certificate: '' };
  t.ok(turns.begin(one));
  t.notOk(turns.begin({ ...one, peer: '192.0.2.1:2000' }));
  t.ok(turns.begin({ ...one, peer: '192.0.2.2:1000' }));
  t.ok(turns.begin({ ...one, certificate: 'a1' }));
  t.notOk(turns.begin({ peer: '[::1]:5', certificate: 'a1' }));
  turns.end(one);
  t.ok(turns.begin(one));
});
