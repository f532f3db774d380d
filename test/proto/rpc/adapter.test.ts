import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import t from 'tap';
import { AgentService } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { RunService, RunState } from '../../../proto/gen/bench/v1/run_pb.ts';
import {
  addService,
  createClient,
  RpcError,
  SERVER_OPTIONS,
  type ServiceHandlers,
} from '../../../proto/rpc/adapter.ts';
import { noContent } from '../../kit/no-contents.ts';

type Teardown = Pick<typeof t, 'teardown'>;
type RunHandlers = ServiceHandlers<typeof RunService>;
type AgentHandlers = ServiceHandlers<typeof AgentService>;

const notThere = () => {
  throw new RpcError('UNIMPLEMENTED', 'not in this test');
};
const noRuns: RunHandlers = {
  sendContents: notThere,
  startRun: notThere,
  preparePlan: notThere,
  setBaseline: notThere,
  listBaselines: notThere,
  removeBaseline: notThere,
  watchRun: notThere,
  changeLoad: notThere,
  stopRun: notThere,
  listRuns: notThere,
  getRun: notThere,
  cleanUpRun: notThere,
  updateRun: notThere,
  deleteRun: notThere,
  listAgents: notThere,
};

/** Serves on a free loopback port until the test ends. */
async function serve(test: Teardown, runs: Partial<RunHandlers>, agents?: AgentHandlers): Promise<string> {
  const server = new grpc.Server(SERVER_OPTIONS);
  addService(server, RunService, { ...noRuns, ...runs });
  if (agents) addService(server, AgentService, agents);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  test.teardown(() => server.forceShutdown());
  return `127.0.0.1:${port}`;
}

function runsClient(test: Teardown, address: string) {
  const client = createClient(RunService, address);
  test.teardown(() => client.close());
  return client;
}

t.test('a unary call carries the request and the response', async (t) => {
  const address = await serve(t, {
    startRun: ({ plan, expectAgents }) => ({ runId: `${plan?.json}-${expectAgents}` }),
  });
  const { runId } = await runsClient(t, address).startRun({ plan: { json: 'plan' }, expectAgents: 3 });
  t.equal(runId, 'plan-3');
});

t.test('what a handler throws arrives with its code and its whole sentence', async (t) => {
  const sentence = 'scenarios.a.vus: must be 1…10, not "100 %"\ntarget: ünknown 😀';
  const address = await serve(t, {
    startRun: () => {
      throw new RpcError('INVALID_ARGUMENT', sentence);
    },
    changeLoad: notThere,
    stopRun: async () => {
      throw new Error('plain error');
    },
  });
  const client = runsClient(t, address);
  await t.rejects(client.startRun({}), { name: 'RpcError', code: 'INVALID_ARGUMENT', message: sentence });
  await t.rejects(client.stopRun({}), { code: 'INTERNAL', message: 'plain error' });
});

t.test('a very long or ill-formed message of an error still arrives, cut', async (t) => {
  const address = await serve(t, {
    startRun: () => {
      throw new RpcError('INVALID_ARGUMENT', `begin ${'😀ä'.repeat(20_000)}`);
    },
    changeLoad: notThere,
    stopRun: () => {
      throw new RpcError('NOT_FOUND', 'half \ud83d character');
    },
  });
  const client = runsClient(t, address);
  await t.rejects(client.startRun({}), { code: 'INVALID_ARGUMENT', message: /^begin 😀ä.*…$/u });
  await t.rejects(client.stopRun({}), { code: 'NOT_FOUND', message: /^half . character$/u });
});

t.test('an answer above the usual 4 MB arrives', async (t) => {
  const json = 'x'.repeat(20_000_000);
  const address = await serve(t, { startRun: () => ({ runId: json }) });
  t.equal((await runsClient(t, address).startRun({})).runId, json);
});

t.test('a call to nobody fails with UNAVAILABLE at once', async (t) => {
  const listener = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  await t.rejects(runsClient(t, `127.0.0.1:${port}`).listRuns({}), { code: 'UNAVAILABLE' });
});

t.test('a unary call can be cancelled and given a deadline', async (t) => {
  let signalOfServer: AbortSignal | undefined;
  const begun = Promise.withResolvers<void>();
  const address = await serve(t, {
    listRuns: (_, { signal }) => {
      signalOfServer = signal;
      begun.resolve();
      return new Promise(() => {});
    },
  });
  const client = runsClient(t, address);
  const cancel = new AbortController();
  const call = client.listRuns({}, { signal: cancel.signal });
  await begun.promise;
  cancel.abort();
  await t.rejects(call, { code: 'CANCELLED' });
  const seen = signalOfServer as unknown as AbortSignal;
  if (!seen.aborted) await new Promise((resolve) => seen.addEventListener('abort', resolve));
  await t.rejects(client.listRuns({}, { timeoutMs: 20 }), { code: 'DEADLINE_EXCEEDED' });
});

t.test(
  'a server stream is read in order to its end, and an error in it is thrown after what came before',
  async (t) => {
    const address = await serve(t, {
      async *watchRun({ runId }) {
        for (let i = 0; i < 5000; i++) yield { event: { case: 'notice', value: `${i}` } } as const;
        if (runId === 'broken') throw new RpcError('ABORTED', 'broken here');
      },
    });
    const client = runsClient(t, address);
    let read = 0;
    for await (const { event } of client.watchRun({ runId: 'whole' })) {
      if (event.value !== `${read}`) t.fail(`out of order at ${read}`);
      read++;
    }
    t.equal(read, 5000);
    await t.rejects(
      async () => {
        for await (const _ of client.watchRun({ runId: 'broken' }));
      },
      { code: 'ABORTED', message: 'broken here' },
    );
  },
);

t.test('leaving the loop over a server stream cancels it at the server', async (t) => {
  const ended = Promise.withResolvers<void>();
  const address = await serve(t, {
    async *watchRun(_, { signal }) {
      signal.addEventListener('abort', () => ended.resolve());
      yield { event: { case: 'state', value: { state: RunState.RUNNING } } } as const;
      await ended.promise;
    },
  });
  for await (const { event } of runsClient(t, address).watchRun({})) {
    t.equal(event.case, 'state');
    break;
  }
  await ended.promise;
});

function echoing(onEnd: () => void): AgentHandlers {
  return {
    session: async (stream) => {
      for await (const { message } of stream.messages) {
        if (message.case === 'join') {
          stream.send({ message: { case: 'refused', value: { reason: message.value.name } } });
        }
      }
      onEnd();
    },
    getContent: noContent,
  };
}

t.test('a bidi stream talks both ways until both have ended', async (t) => {
  const ended = Promise.withResolvers<void>();
  const client = createClient(AgentService, await serve(t, {}, echoing(ended.resolve)));
  t.teardown(() => client.close());
  const call = client.session();
  const names = ['a', 'b', 'c'];
  for (const name of names) call.send({ message: { case: 'join', value: { name } } });
  call.end();
  const echoed: string[] = [];
  for await (const { message } of call.messages) if (message.case === 'refused') echoed.push(message.value.reason);
  t.same(echoed, names);
  await ended.promise;
  t.equal(call.send({}), false, 'after the end, nothing is sent and nothing thrown');
});

t.test('a bidi stream ends at the server when the client goes away', async (t) => {
  const ended = Promise.withResolvers<void>();
  const address = await serve(t, {}, echoing(ended.resolve));
  const client = createClient(AgentService, address);
  const call = client.session();
  call.send({ message: { case: 'join', value: { name: 'a' } } });
  await t.rejects(
    async () => {
      for await (const { message } of call.messages) {
        t.equal(message.case, 'refused');
        call.cancel();
      }
    },
    { code: 'CANCELLED' },
  );
  client.close();
  await ended.promise;
});

t.test('a call on a connection that was closed fails with UNAVAILABLE, of every kind', async (t) => {
  const runs = createClient(RunService, '127.0.0.1:1');
  const agents = createClient(AgentService, '127.0.0.1:1');
  runs.close();
  agents.close();
  const closed = { name: 'RpcError', code: 'UNAVAILABLE', message: 'the connection was closed' };
  await t.rejects(runs.startRun({}), closed);
  t.throws(() => agents.getContent({}), closed);
  t.throws(() => agents.session(), closed);
});

t.test('a message of countless tiny fields is refused before it takes a hundred times its size', async (t) => {
  const address = await serve(t, { startRun: ({ $unknown }) => ({ runId: String($unknown?.length) }) });
  const raw = new grpc.Client(address, grpc.credentials.createInsecure());
  t.teardown(() => raw.close());
  const answerTo = (message: Buffer) =>
    new Promise<string>((resolve) => {
      const asIs = (bytes: Buffer) => bytes;
      raw.makeUnaryRequest(`/${RunService.typeName}/StartRun`, asIs, asIs, message, (error, answer) =>
        resolve(error?.details ?? String(answer)),
      );
    });
  const emptyEntry = Buffer.from([0x1a, 0]);
  const plan = (entries: number) => {
    const length = 2 * entries;
    const head = [0x0a, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
    return Buffer.concat([Buffer.from(head), Buffer.alloc(length, emptyEntry)]);
  };
  t.equal(await answerTo(plan(300_000)), 'a message with more than 200000 fields');
  t.match(await answerTo(plan(150_000)), /undefined/);
  const unknown = Buffer.from([0xf8, 0x07, 1]);
  t.equal(await answerTo(Buffer.alloc(900_000, unknown)), 'a message with more than 200000 fields');
  t.match(await answerTo(Buffer.alloc(300, unknown)), /undefined/, 'what is not known is not kept');
});

t.test('bytes that are no message of the protocol end the call and not the server', async (t) => {
  const address = await serve(t, { startRun: () => ({ runId: 'ok' }) });
  const raw = new grpc.Client(address, grpc.credentials.createInsecure());
  t.teardown(() => raw.close());
  const garbage = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x01]);
  const status = await new Promise<number | undefined>((resolve) => {
    raw.makeUnaryRequest(
      `/${RunService.typeName}/StartRun`,
      (bytes: Buffer) => bytes,
      (bytes) => bytes,
      garbage,
      (error) => resolve(error?.code),
    );
  });
  t.ok(status);
  const port = Number(address.split(':')[1]);
  const socket = connect(port, '127.0.0.1', () => socket.end('no HTTP/2 at all\r\n\r\n'));
  socket.on('error', () => {}).resume();
  await new Promise((resolve) => socket.once('close', resolve));
  t.equal((await runsClient(t, address).startRun({})).runId, 'ok');
});
