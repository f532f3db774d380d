/** Numbers that come from one agent and are none: they end that agent at most, and never what is kept of the run. */
import { create } from '@bufbuild/protobuf';
import t from 'tap';
import { AgentClock } from '../../../../core/control/agents/clock-estimate.ts';
import { identityOf } from '../../../../core/control/agents/join-request.ts';
import { finalReportOf } from '../../../../core/control/load/final-report.ts';
import { earlyExitOf } from '../../../../core/control/load/run-agent-state.ts';
import type { HostSample } from '../../../../core/stats/window.ts';
import { DoneSchema, EnvironmentSchema, JoinSchema, LeavingSchema } from '../../../../proto/gen/bench/v1/agent_pb.ts';
import { Phase } from '../../../../proto/gen/bench/v1/window_pb.ts';
import { decodeWindow, encodeWindow } from '../../../../proto/window-codec.ts';
import { readResult } from '../../../../reports/read-result.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { windowOf } from '../../../kit/results/windows.ts';
import { longPlan, stage } from '../scene/stage.ts';

const NO_NUMBERS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.7e308, -1.7e308, 2 ** 53];

const shape = { operations: 2, journeys: 0, scenarios: 1, drivers: 1 };
const total = { operation: 0, phase: Phase.MEASURE, count: 3, errors: 1, responseSumUs: 10, serviceSumUs: 9 };

function closing(change: object) {
  const message = { lastSeq: 1, totals: [total], acknowledged: 2, unknown: 0, firstStartDelayUs: -1.5, ...change };
  return finalReportOf(create(DoneSchema, message), 7, shape);
}

t.test('closing totals are whole numbers, or refused with the field', (t) => {
  t.match(closing({}), { lastSeq: 1, atUs: 7, acknowledged: 2, startDelayUs: -1.5, totals: [{ count: 3 }] });
  for (const value of [...NO_NUMBERS, -1, 0.5]) {
    for (const field of ['acknowledged', 'unknown']) {
      t.throws(() => closing({ [field]: value }), {
        name: 'WireError',
        message: `done.${field} is ${value}, and must be a whole number, not negative`,
      });
    }
    for (const [field, name] of [
      ['count', 'count'],
      ['errors', 'errors'],
      ['responseSumUs', 'response_sum_us'],
      ['serviceSumUs', 'service_sum_us'],
    ] as const) {
      t.throws(() => closing({ totals: [total, { ...total, [field]: value }] }), {
        name: 'WireError',
        message: `done.totals.${name} is ${value}, and must be a whole number, not negative`,
      });
    }
  }
  for (const firstStartDelayUs of NO_NUMBERS) {
    t.throws(() => closing({ loadUs: firstStartDelayUs }), { name: 'WireError', message: /^done\.load_us is/ });
    t.throws(() => closing({ firstStartDelayUs }), { name: 'WireError', message: /^done\.first_start_delay_us is/ });
  }
  t.end();
});

t.test('there are no more closing totals than the plan has operations in two phases', (t) => {
  t.equal(closing({ totals: new Array(4).fill(total) }).totals.length, 4);
  t.throws(() => closing({ totals: new Array(5).fill(total) }), {
    name: 'WireError',
    message: 'done.totals are 5, where a plan of 2 operations has at most 4',
  });
  t.throws(() => closing({ totals: [{ ...total, operation: 2 }] }), {
    name: 'WireError',
    message: 'done.totals of operation 2 of a plan that has 2',
  });
  t.end();
});

t.test('times and sizes that are none are refused, or of no account', (t) => {
  for (const value of NO_NUMBERS) {
    const clock = new AgentClock();
    clock.sent(100);
    t.equal(clock.answered({ controlUs: 100, receivedUs: value, sentUs: 5 }, 200), undefined, `${value}`);
    t.equal(clock.estimate, undefined);
    t.throws(() => earlyExitOf(create(LeavingSchema, { atUs: value }), 0), {
      name: 'WireError',
      message: /^leaving\.at_us is/,
    });
    const environment = create(EnvironmentSchema, { memoryBytes: value });
    t.equal(identityOf(create(JoinSchema, { environment }), '').environment.memoryBytes, 0);
    const host = { ...windowOf(0, []).host, processMemoryBytes: value, loopLagMaxUs: value };
    const read = decodeWindow(encodeWindow({ ...windowOf(0, []), host }), shape).host;
    t.match(read, { processCpuCores: 0.5, processMemoryBytes: 0, loopLagMaxUs: 0 });
  }
  t.end();
});

t.test('the result can be read, whatever the clock and the host of an agent are said to be', async (t) => {
  const scene = await stage(t);
  const [good, bad] = [await scene.agent({ name: 'good' }), await scene.agent({ name: 'bad' })];
  const runId = await scene.running([good, bad], { plan: longPlan(4), forUs: 0 });
  for (let second = 0; second < 4; second++) {
    const names = Object.keys(windowOf(0, []).host);
    const host = Object.fromEntries(names.map((name) => [name, 1.7e308])) as Record<keyof HostSample, number>;
    const window = { ...bad.window(second + 1, second, [{ responseUs: [1000] }]), host };
    if (second === 1) bad.clockOffsetUs = 1.7e308;
    good.window(second + 1, second, [{ responseUs: [1000] }]);
    good.sendWindow(runId, second + 1);
    bad.sendWindow(runId, second + 1, { window });
    await scene.clock.advance(1e6);
  }
  good.sendDone(runId);
  bad.sendDone(runId);
  await scene.ended(runId);
  const result = readResult(JSON.stringify(await scene.result(runId)));
  matchEach(t, result.agents, [
    { name: 'bad', requests: 4, closingTotals: 'agree', clockMovedUs: 0, loopLagUs: { mean: 0, max: 0 } },
    { name: 'good', requests: 4, closingTotals: 'agree' },
  ]);
});

t.test('an agent whose closing totals are none is refused, and the run goes on', async (t) => {
  const scene = await stage(t);
  const [good, bad] = [await scene.agent({ name: 'good' }), await scene.agent({ name: 'bad' })];
  const runId = await scene.running([good, bad]);
  bad.send({ case: 'done', value: { runId, lastSeq: 0, totals: [{ ...total, count: Number.NaN }] } });
  const { reason } = await scene.clock.until(bad.next('refused'));
  t.equal(reason, 'done.totals.count is NaN, and must be a whole number, not negative');
  await scene.second(runId, 0, [good]);
  good.sendDone(runId);
  await scene.ended(runId);
  const { agents, verdict } = readResult(JSON.stringify(await scene.result(runId)));
  matchEach(t, agents, [
    { name: 'bad', closingTotals: 'missing' },
    { name: 'good', closingTotals: 'agree' },
  ]);
  t.equal(verdict.kind, 'invalid');
});
