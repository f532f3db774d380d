/** Agents that send what cannot be: each is ended alone, with a sentence, and the numbers of the others stay exact. */

import { connect } from 'node:net';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import * as grpc from '@grpc/grpc-js';
import t, { type Test } from 'tap';
import { systemClock } from '../../../../core/clock.ts';
import type { RunResult } from '../../../../core/stats/result.ts';
import type { Window } from '../../../../core/stats/window.ts';
import {
  AgentService,
  type SessionRequest,
  SessionRequestSchema,
  type SessionResponse,
  SessionResponseSchema,
} from '../../../../proto/gen/bench/v1/agent_pb.ts';
import { RunService, RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { createClient } from '../../../../proto/rpc/adapter.ts';
import { MessageQueue } from '../../../../proto/rpc/message-queue.ts';
import { readRun } from '../../../../proto/stored-run.ts';
import { encodeWindow } from '../../../../proto/window-codec.ts';
import { readResult } from '../../../../reports/read-result.ts';
import { accessTo, interceptorsFor } from '../../../kit/local-access.ts';
import { matchEach } from '../../../kit/match-each.ts';
import fc from '../../../kit/property.ts';
import { type AgentTransport, ScriptedAgent } from '../scene/scripted-agent.ts';
import { servedControl } from '../scene/served-control.ts';
import { fakePlan, stage } from '../scene/stage.ts';

interface RawTransport extends AgentTransport {
  raw(bytes: Uint8Array): void;
}

/** A stream over gRPC that also takes bytes which are no message. */
function rawTransport(t: Test, address: string): RawTransport {
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
    ...interceptorsFor(address),
  });
  t.teardown(() => client.close());
  const call = client.makeBidiStreamRequest<Uint8Array, SessionResponse>(
    `/${AgentService.typeName}/Session`,
    (bytes) => Buffer.from(bytes),
    (bytes) => fromBinary(SessionResponseSchema, bytes),
  );
  const messages = new MessageQueue<SessionResponse>();
  call.on('data', (message: SessionResponse) => messages.push(message));
  call.on('end', () => messages.end()).on('error', (error) => messages.fail(error));
  const raw = (bytes: Uint8Array) => void (call.writable && call.write(bytes));
  const send = (message: MessageInitShape<typeof SessionRequestSchema>) =>
    raw(toBinary(SessionRequestSchema, create(SessionRequestSchema, message)));
  return { messages, raw, send, cancel: () => call.cancel() };
}

async function serve(t: Test) {
  const control = await servedControl(t);
  const runs = createClient(RunService, control.address, accessTo(control.address));
  t.teardown(() => runs.close());
  return { control, runs, log: control.log };
}

type Scene = Awaited<ReturnType<typeof serve>>;

type Misbehave = (bad: ScriptedAgent, transport: RawTransport, runId: string) => void;

/** A run with agents that misbehave, by name, and one that does not. */
async function runBeside(t: Test, scene: Scene, cases: ReadonlyMap<string, Misbehave>): Promise<RunResult> {
  const { control, runs } = scene;
  const join = (name: string) => {
    const agent = new ScriptedAgent(systemClock, { name });
    const transport = rawTransport(t, control.address);
    const closed = agent.join(transport);
    t.teardown(() => agent.cut());
    return { agent, transport, closed };
  };
  const good = join('good').agent;
  const all = [...cases].map(([name, misbehave]) => ({ ...join(name), misbehave }));
  const agents = [good, ...all.map(({ agent }) => agent)];
  await Promise.all(agents.map((agent) => agent.next('welcome')));
  const plan = { json: JSON.stringify(fakePlan), baseDirectory: '/' };
  const { runId } = await runs.startRun({ plan, expectAgents: agents.length });
  await Promise.all(agents.map((agent) => agent.prepare()));
  await Promise.all(agents.map((agent) => agent.next('start')));
  for (const { agent, transport, closed, misbehave } of all) {
    misbehave(agent, transport, runId);
    await closed;
  }
  good.window(1, 0, [{ responseUs: [1000, 2000] }]);
  good.sendWindow(runId, 1);
  good.sendDone(runId);
  for await (const { event } of runs.watchRun({ runId })) {
    if (event.case === 'state') t.not(event.value.state, RunState.FAILED, event.value.reason);
  }
  return readResult((await readRun(runs.getRun({ runId }))).resultJson ?? '');
}

/** Each misbehaving agent is named with its sentence, in the result and in the log, and nothing of it counts. */
function check(t: Test, { log }: Scene, result: RunResult, sentences: ReadonlyMap<string, RegExp>): void {
  for (const [name, sentence] of sentences) {
    const texts = result.events.map(({ text }) => text).filter((text) => text.startsWith(`agent ${name} is gone`));
    t.matchOnly(texts, [sentence], name);
    t.ok(
      log.some((line) => line.startsWith(`agent ${name} is refused: `) && sentence.test(line)),
      name,
    );
    t.match(
      result.agents.find((agent) => agent.name === name),
      { requests: 0, closingTotals: 'missing' },
      name,
    );
  }
  t.match(
    result.agents.find(({ name }) => name === 'good'),
    { requests: 2, closingTotals: 'agree' },
  );
  t.equal(result.operations[0]?.phases.measure.requests, 2);
  t.equal(result.verdict.kind, 'invalid');
}

const bytesOf = (size: number) => {
  const window = new Uint8Array(size);
  return toBinary(
    SessionRequestSchema,
    create(SessionRequestSchema, { message: { case: 'window', value: { runId: 'r', epoch: 'e', seq: 1, window } } }),
  );
};

t.test('bytes that are no message, and messages that are too large', async (t) => {
  const scene = await serve(t);
  const cases: [string, Uint8Array, RegExp][] = [
    ['noise', new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x01]), /5 bytes that are no SessionRequest$/],
    ['cut short', bytesOf(100).subarray(0, 50), /50 bytes that are no SessionRequest$/],
    ['huge', bytesOf(17e6), /a message of 17 MB, where at most 16 MB are taken$/],
  ];
  const misbehaving = cases.map(([name, bytes]): [string, Misbehave] => [name, (_, { raw }) => raw(bytes)]);
  const result = await runBeside(t, scene, new Map(misbehaving));
  check(t, scene, result, new Map(cases.map(([name, _, sentence]) => [name, sentence])));

  const monster = rawTransport(t, scene.control.address);
  monster.raw(bytesOf(40e6));
  await t.rejects(monster.messages[Symbol.asyncIterator]().next(), { code: grpc.status.RESOURCE_EXHAUSTED });
  const socket = connect(scene.control.port, '127.0.0.1', () => socket.end(Buffer.alloc(100_000, 0xa5)));
  socket.on('error', () => {}).resume();
  await new Promise((resolve) => socket.once('close', resolve));
  t.equal((await scene.runs.listRuns({})).runs.length, 1, 'control goes on');
});

/** A window as an agent would send it, with one count that is none. */
function counting(change: (window: Window) => Window) {
  return (bad: ScriptedAgent, _: RawTransport, runId: string) => {
    const window = change(bad.window(1, 0, [{ responseUs: [1000], errors: 1 }], 1, ['device-1']));
    bad.sendWindow(runId, 1, { window });
  };
}

t.test('counts that are none', async (t) => {
  const scene = await serve(t);
  const operation = (window: Window, change: object) => {
    return { ...window, operations: window.operations.map((one) => ({ ...one, ...change })) };
  };
  const counts = (numbers: readonly number[]) => (window: Window) => {
    const [one] = window.operations;
    return operation(window, { responseTime: { ...one?.responseTime, counts: numbers } });
  };
  const writes = (acknowledged: number) => (window: Window) => {
    return { ...window, writes: [{ driver: 0, key: 'device-1', acknowledged, unknown: 0 }] };
  };
  const cases: [string, RegExp, (window: Window) => Window][] = [
    ['zero count', /response_time\.counts\[0\] is 0, and must be positive/, counts([0])],
    ['negative errors', /errors is -1/, (window) => operation(window, { errors: -1, errorKinds: [] })],
    ['NaN bytes', /bytes_sent is NaN/, (window) => operation(window, { bytesSent: Number.NaN })],
    ['negative writes', /writes\.acknowledged is -5/, writes(-5)],
    ['NaN writes', /writes\.acknowledged is NaN/, writes(Number.NaN)],
  ];
  const misbehaving = new Map(cases.map(([name, _, change]) => [name, counting(change)]));
  const result = await runBeside(t, scene, misbehaving);
  check(t, scene, result, new Map(cases.map(([name, sentence]) => [name, sentence])));
});

t.test('messages of another run: ignored, and told once for each of a few', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent({ name: 'a' });
  const runId = await scene.start();
  await scene.clock.until(agent.prepare());
  await scene.clock.until(agent.next('start'));
  agent.window(1, 0, [{ responseUs: [1000] }]);
  for (let i = 0; i < 100; i++) agent.sendWindow(`other-${i % 20}`, 1);
  await scene.clock.advance(1e6);
  agent.sendWindow(runId, 1);
  agent.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  matchEach(t, result.agents, [{ requests: 1, closingTotals: 'agree' }]);
  const told = result.events.map(({ text }) => text);
  t.equal(told[0], 'agent a sends messages of run other-0, which is not under way for it: ignored');
  t.equal(told.length, 10);
});

t.test('a window before the start gets its agent refused', async (t) => {
  const scene = await stage(t);
  const early = await scene.agent({ name: 'early' });
  await scene.agent({ name: 'other' });
  const runId = await scene.start(fakePlan, 2);
  await scene.clock.until(early.next('assignment'));
  early.window(1, 0, [{ responseUs: [1000] }]);
  early.sendWindow(runId, 1);
  t.equal((await scene.clock.until(early.next('refused'))).reason, 'a window before the start');
  t.match(await scene.ended(runId), { state: RunState.FAILED, reason: /^agent early was lost while it prepared/ });
});

t.test('messages with bytes changed at random: control takes them or ends the agent, and goes on', async (t) => {
  const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 });
  const streams = fc.array(fc.record({ flips, which: fc.constantFrom('window', 'done') }), {
    minLength: 1,
    maxLength: 10,
  });
  const scene = await stage(t);
  const property = fc.asyncProperty(streams, async (mutations) => {
    const [bad, good] = [await scene.agent({ name: 'bad' }), await scene.agent({ name: 'good' })];
    const runId = await scene.start(fakePlan, 2);
    for (const agent of [bad, good]) await scene.clock.until(agent.prepare());
    for (const agent of [bad, good]) await scene.clock.until(agent.next('start'));
    await scene.clock.advance(1e6);
    const window = encodeWindow(bad.window(1, 0, [{ responseUs: [1000, 90_000], errors: 1 }], 1, ['device-1']));
    for (const { flips, which } of mutations) {
      const message: MessageInitShape<typeof SessionRequestSchema>['message'] =
        which === 'window'
          ? { case: 'window', value: { runId, epoch: bad.epoch, seq: 1, window } }
          : { case: 'done', value: { runId, lastSeq: 1, totals: [{ operation: 0, phase: 2, count: 2, errors: 1 }] } };
      const bytes = toBinary(SessionRequestSchema, create(SessionRequestSchema, { message }));
      for (const [at, byte] of flips) bytes[at % bytes.length] = byte;
      const decoded = decodedOrNothing(bytes);
      if (decoded?.message.case) bad.send(decoded.message as never);
    }
    await scene.clock.advance(0.1e6);
    good.window(1, 0, [{ responseUs: [7000] }]);
    good.sendWindow(runId, 1);
    good.sendDone(runId);
    bad.cut();
    const { state } = await scene.ended(runId);
    const result = readResult(JSON.stringify(await scene.result(runId)));
    good.cut();
    await scene.clock.advance(0.1e6);
    const figures = result.agents.find(({ name }) => name === 'good');
    return state === RunState.FINISHED && figures?.requests === 1 && figures.closingTotals === 'agree';
  });
  await fc.assert(property, { numRuns: 60 });
});

function decodedOrNothing(bytes: Uint8Array): SessionRequest | undefined {
  try {
    return fromBinary(SessionRequestSchema, bytes);
  } catch {
    return undefined;
  }
}
