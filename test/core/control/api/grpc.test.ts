import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as grpc from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import t from 'tap';
import { systemClock } from '../../../../core/clock.ts';
import { initSecurity } from '../../../../core/control/security/security-folder.ts';
import { type ControlOptions, type RunningControl, startControl } from '../../../../core/control/server.ts';
import { RunStore } from '../../../../core/control/store/run-store.ts';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import type { RunResult } from '../../../../core/stats/result.ts';
import { AgentService } from '../../../../proto/gen/bench/v1/agent_pb.ts';
import { RunService, RunState, type StateChange } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { createClient } from '../../../../proto/rpc/adapter.ts';
import { CLIENT_MESSAGE_LIMIT_BYTES } from '../../../../proto/rpc/rpc-method.ts';
import { readRun, readRunSummary } from '../../../../proto/stored-run.ts';
import { accessTo, interceptorsFor } from '../../../kit/local-access.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { type AgentIdentity, histogramOf, ScriptedAgent } from '../scene/scripted-agent.ts';
import { LOCAL_CONTROL, servedControl } from '../scene/served-control.ts';
import { fakePlan } from '../scene/stage.ts';

// Sixty-four megabytes take half a minute where other tests take the processor.
t.setTimeout(400_000);

type Test = Pick<typeof t, 'teardown'>;

const lines: string[] = [];
const options: ControlOptions = { ...LOCAL_CONTROL, log: (line) => lines.push(line) };

async function serve(test: Test) {
  const control = await servedControl(test, options);
  const runs = createClient(RunService, control.address, accessTo(control.address));
  test.teardown(() => runs.close());
  return { control, runs };
}

/** A scripted agent over a connection of its own. */
async function joined(test: Test, { address }: RunningControl, identity: AgentIdentity = {}) {
  const agent = new ScriptedAgent(systemClock, identity);
  const client = createClient(AgentService, address, accessTo(address));
  const connect = () => agent.join(client.session());
  const closed = connect();
  test.teardown(() => {
    agent.cut();
    client.close();
  });
  return { agent, connect, closed };
}

const plan: PlanInput = {
  ...fakePlan,
  scenarios: { devices: { ...fakePlan.scenarios.devices, duration: '1s' } },
} as PlanInput;

t.test('the whole flow over gRPC: two agents, one of which is cut off and comes back', async (t) => {
  const { control, runs } = await serve(t);
  const one = await joined(t, control, { name: 'one', clockOffsetUs: 123_456_789 });
  const two = await joined(t, control, { name: 'two' });
  const twin = await joined(t, control, { name: 'two', epoch: 'another process' });
  await Promise.all([one.agent.next('welcome'), two.agent.next('welcome')]);
  t.match((await twin.agent.next('refused')).reason, /an agent named "two" has joined already/);
  await twin.closed;
  matchEach(t, (await runs.listAgents({})).agents, [{ name: 'one', runId: '' }, { name: 'two' }]);

  const { runId } = await runs.startRun({ plan: { json: JSON.stringify(plan), baseDirectory: '/' }, expectAgents: 2 });
  const states: StateChange[] = [];
  const watched = (async () => {
    for await (const { event } of runs.watchRun({ runId })) if (event.case === 'state') states.push(event.value);
  })();
  for (const { agent } of [one, two]) await agent.prepare();
  const starts = await Promise.all([one, two].map(({ agent }) => agent.next('start')));
  const skewUs = (starts[0]?.atAgentUs ?? 0) - 123_456_789 - (starts[1]?.atAgentUs ?? 0);
  t.ok(Math.abs(skewUs) < 50_000, `on one host, one instant for both: ${skewUs} µs`);

  const all: number[] = [];
  for (const { agent } of [one, two]) {
    for (let seq = 1; seq <= 5; seq++) {
      const responseUs = [seq * 1000, 55];
      all.push(...responseUs);
      agent.window(seq, seq, [{ responseUs }]);
    }
  }
  for (const seq of [1, 2, 3]) one.agent.sendWindow(runId, seq);
  t.ok((await one.agent.next('windowAck')).seq >= 1);
  one.agent.sendWindow(runId, 4);
  one.agent.cut();
  void one.connect();
  await one.agent.next('welcome');
  for (const seq of [5, 4, 3, 4, 2]) one.agent.sendWindow(runId, seq);
  for (const seq of [1, 2, 3, 4, 5]) two.agent.sendWindow(runId, seq);
  for (const { agent } of [one, two]) agent.sendDone(runId);
  await watched;
  t.equal(states.at(-1)?.state, RunState.FINISHED);
  for (const { agent } of [one, two]) t.equal((await agent.next('runEnded')).runId, runId);

  const { summary, resultJson = '' } = await readRun(runs.getRun({ runId }));
  t.match(summary, { runId, name: 'test run', state: RunState.FINISHED });
  const result: RunResult = JSON.parse(resultJson);
  t.strictSame(result.operations[0]?.phases.measure.responseTime, histogramOf(all));
  matchEach(t, result.agents, [
    { name: 'one', requests: 10, closingTotals: 'agree' },
    { name: 'two', requests: 10, closingTotals: 'agree' },
  ]);
  const { clockOffsetUs = 0, clockUncertaintyUs = 0 } = result.agents[0] ?? {};
  t.ok(Math.abs(clockOffsetUs - 123_456_789) <= clockUncertaintyUs + 1);
  matchEach(t, (await runs.listRuns({})).runs, [{ runId }]);
});

t.test('a plan that is wrong, or a run that is not there, comes back as a sentence with a code', async (t) => {
  const { runs } = await serve(t);
  await t.rejects(runs.startRun({ plan: { json: '{"name":"x"}', baseDirectory: '' } }), {
    code: 'INVALID_ARGUMENT',
    message: /scenarios/,
  });
  await t.rejects(readRun(runs.getRun({ runId: 'nobody' })), { code: 'NOT_FOUND', message: /there is no run nobody/ });
  await t.rejects(
    async () => {
      for await (const _ of runs.watchRun({ runId: 'nobody' }));
    },
    { code: 'NOT_FOUND' },
  );
});

t.test('a result that is larger than a message may be comes in pieces, and whole', async (t) => {
  const store = join(t.testdir(), 'runs.sqlite');
  const json = JSON.stringify({ runId: 'large', filler: 'x'.repeat(CLIENT_MESSAGE_LIMIT_BYTES) });
  // Gzip that makes nothing smaller.
  const result = gzipSync(json, { level: 0 });
  const before = await RunStore.open(store);
  const run = {
    createdAt: '2026-01-01T00:00:00.000Z',
    plan: '{}',
    baseDirectory: '/',
    checkpoint: '',
    isPrivate: false,
  };
  await before.addRun({ runId: 'large', name: 'large', ...run });
  await before.endRun('large', { state: 'finished', reason: '', verdict: 'pass', result });
  await before.close();
  const control = await startControl({ ...options, store });
  t.teardown(() => control.stop('the test has ended'));
  const runs = createClient(RunService, control.address, accessTo(control.address));
  t.teardown(() => runs.close());
  t.match(await readRunSummary(runs.getRun({ runId: 'large' })), { name: 'large', verdict: 'pass' });
  const { summary, resultJson } = await readRun(runs.getRun({ runId: 'large' }));
  t.match(summary, { state: RunState.FINISHED });
  t.ok(resultJson === json, `${json.length} characters have come as they were`);
});

t.test('control answers health checks', async (t) => {
  const { control } = await serve(t);
  const Health = grpc.makeGenericClientConstructor(healthService as unknown as grpc.ServiceDefinition, 'Health');
  const health = new Health(control.address, grpc.credentials.createInsecure(), interceptorsFor(control.address));
  t.teardown(() => health.close());
  const check = (service: string) =>
    new Promise((resolve, reject) => {
      (
        health as unknown as { check: (request: object, done: (error: unknown, answer: unknown) => void) => void }
      ).check({ service }, (error, answer) => (error ? reject(error) : resolve(answer)));
    });
  t.match(await check(''), { status: 'SERVING' });
  t.match(await check('bench.v1.AgentService'), { status: 'SERVING' });
});

t.test('stopped, control ends with agents, watchers and callers still connected', async (t) => {
  const control = await startControl(options);
  const runs = createClient(RunService, control.address, accessTo(control.address));
  t.teardown(() => runs.close());
  const { agent, closed } = await joined(t, control);
  await agent.next('welcome');
  const { runId } = await runs.startRun({ plan: { json: JSON.stringify(plan), baseDirectory: '/' }, expectAgents: 1 });
  const states: number[] = [];
  const watched = (async () => {
    for await (const { event } of runs.watchRun({ runId })) if (event.case === 'state') states.push(event.value.state);
  })();
  await agent.prepare();
  await agent.next('start');
  const stopped = control.stop('Ctrl-C in control');
  await agent.next('stop');
  agent.sendDone(runId);
  await Promise.all([stopped, watched, closed]);
  t.equal(states.at(-1), RunState.FINISHED);
  await t.rejects(runs.listRuns({}), { code: 'UNAVAILABLE' });
});

t.test('an address that cannot be listened on is said in one sentence', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  t.teardown(() => other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  await t.rejects(startControl({ ...options, listen: { host: '127.0.0.1', port } }), {
    name: 'ControlError',
    message: `port ${port} on 127.0.0.1 is in use: stop the process that listens there, or choose another port with --port (0 takes a free one)`,
  });
  const { control } = await serve(t);
  const security = t.testdir();
  await initSecurity(security, [], Date.now());
  await t.rejects(startControl({ ...options, listen: { host: '127.0.0.1', port: control.port } }), {
    name: 'ControlError',
    message: /is in use/,
  });
  await t.rejects(startControl({ ...options, listen: { host: '192.0.2.1', port: 0 }, access: { security } }), {
    name: 'ControlError',
    message: /^control cannot listen on 192\.0\.2\.1 .*--host$/,
  });
});

t.test('one caller may have two hundred watches open, and more once some have ended', async (t) => {
  const { runs } = await serve(t);
  const { runId } = await runs.startRun({ plan: { json: JSON.stringify(plan), baseDirectory: '/' }, expectAgents: 1 });
  const ends = Array.from({ length: 200 }, () => new AbortController());
  const watches = ends.map(({ signal }) => runs.watchRun({ runId }, { signal })[Symbol.asyncIterator]());
  await Promise.all(watches.map((watch) => watch.next()));
  const oneMore = () => runs.watchRun({ runId })[Symbol.asyncIterator]().next();
  await t.rejects(oneMore(), { code: 'RESOURCE_EXHAUSTED', message: /^200 watches from there are open/ });
  ends[0]?.abort();
  for (let isFree = false; !isFree; ) {
    isFree = await oneMore().then(
      () => true,
      () => false,
    );
  }
  await runs.stopRun({ runId });
});
