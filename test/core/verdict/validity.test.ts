import t from 'tap';
import type { PlanInput } from '../../../core/plan/schema.ts';
import { Histogram } from '../../../core/stats/histogram.ts';
import type { AgentResult, OperationResult, RunResult, ValidityCheck } from '../../../core/stats/result.ts';
import { levelsJudged } from '../../../core/verdict/validity/generator.ts';
import { checkValidity } from '../../../core/verdict/validity.ts';
import type { Stretch } from '../../kit/results/built-seconds.ts';
import { HEALTH_MS, INVALID, resultOf, UPLOAD_MS, uploadPlan } from '../../kit/results/documents.ts';
import { buildResult, type RunShape } from '../../kit/results/results.ts';

const OPERATIONS = {
  upload: { perSecond: 340, ms: UPLOAD_MS },
  health: { perSecond: 34, ms: HEALTH_MS },
};
const CALM: Stretch = { seconds: 20, vus: 100, operations: OPERATIONS };

function run(stretches: readonly Stretch[], more: Partial<RunShape> = {}, plan: Partial<PlanInput> = {}): RunResult {
  return buildResult({ plan: uploadPlan(plan), types: { health: 'GET' }, stretches, ...more });
}

function check(result: RunResult, name: string): ValidityCheck {
  const found = result.validity.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no check ${name}`);
  return found;
}

/** The checks of the result with this in it, by name. */
function checksWith(result: RunResult, change: Partial<RunResult>): Record<string, ValidityCheck> {
  return Object.fromEntries(checkValidity({ ...result, ...change }).map((one) => [one.name, one]));
}

function failed(result: RunResult): string[] {
  return result.validity.filter(({ ok }) => !ok).map(({ name }) => name);
}

t.test('a calm run is believed, and every check says what it found', async (t) => {
  const result = run([CALM]);
  t.strictSame(failed(result), []);
  t.equal(result.validity.length, 11);
  for (const { name, finding } of result.validity) t.match(finding, /^[A-Z\d].*\.$/, name);
});

t.test('a generator at its limit', async (t) => {
  const cores = (...values: number[]) => run(values.map((cpuCores) => ({ ...CALM, seconds: 1, cpuCores })));
  const saturated = check(cores(...Array(20).fill(0.97)), 'generator-saturated');
  t.notOk(saturated.ok);
  t.match(
    saturated.finding,
    /95% of a core or more in 20 of 20 measured seconds, 20 of them in a row \(agent-1 and agent-2\)/,
  );
  t.match(saturated.finding, /Use more agent processes or more hosts, or lower the load/);
  t.ok(check(cores(1.4, 1.2, ...Array(18).fill(0.5)), 'generator-saturated').ok, 'a compilation at the start is none');
  const moment = cores(...Array(60).fill(0.2), 1, 1, 1, ...Array(60).fill(0.2));
  t.ok(check(moment, 'generator-saturated').ok, 'nor is one long collection in two minutes');
  t.strictSame(failed(resultOf(INVALID)), ['generator-saturated']);
});

t.test('the null driver is there to saturate the generator', async (t) => {
  const scenarios: PlanInput['scenarios'] = {
    nothing: { executor: 'constant-vus', vus: 50, duration: '5s', operations: [{ driver: 'null', name: 'upload' }] },
  };
  const busy = { ...CALM, operations: { upload: { perSecond: 500, ms: { 0: 0.01, 1: 0.02 } } }, cpuCores: 1.1 };
  const result = run([busy], {}, { scenarios, thresholds: [], monitors: {} });
  t.strictSame(failed(result), []);
  t.match(check(result, 'generator-saturated').finding, /The null driver measures the load generator itself/);
});

t.test('event loops that stand still', async (t) => {
  const lags = (...ms: number[]) => run(ms.map((loopLagMs) => ({ ...CALM, seconds: 1, loopLagMs })));
  t.ok(check(lags(...Array(20).fill(45)), 'generator-lag').ok, 'scheduling on a busy host is none');
  t.ok(check(lags(300, ...Array(19).fill(5)), 'generator-lag').ok, 'nor one stall in twenty seconds');
  const some = check(lags(...Array(20).fill(90)), 'generator-lag');
  t.match(some, { ok: true, finding: /blocked for 9% .* up to 90 ms at once: the slowest response times contain/ });
  const stalled = check(lags(...Array(20).fill(190)), 'generator-lag');
  t.notOk(stalled.ok);
  t.match(stalled.finding, /blocked for 19% of the measured time, up to 190 ms at once \(limit 15%/);
  const stopped = check(lags(10_000, ...Array(19).fill(5)), 'generator-lag');
  t.match(
    stopped,
    { ok: false, finding: /blocked for 50% .* up to 10,000 ms at once/ },
    'a process that was suspended',
  );
  const slow = { ...CALM, loopLagMs: 90, vus: 500, operations: { upload: { perSecond: 340, ms: { 0: 800, 1: 900 } } } };
  t.ok(check(run([slow]), 'generator-lag').ok, 'that is little where responses take 800 ms');
});

t.test('operations that are sent late', async (t) => {
  const late = (sendDelayMs: number) =>
    run([{ ...CALM, operations: { upload: { ...OPERATIONS.upload, sendDelayMs } } }]);
  t.match(check(late(15), 'send-delay'), { ok: true, finding: /^99% of the operations started at most 15 ms after/ });
  t.match(check(late(27), 'send-delay'), {
    ok: true,
    finding: /^5% of the operations started 27 ms or more after they were due.*\(p95 4\d/,
  });
  const all = check(late(45), 'send-delay');
  t.notOk(all.ok);
  t.match(all.finding, /^A quarter of the operations started 4\d(\.\d)? ms or more after they were due \(limit \d/);
});

t.test('a late send says why, with the figures, and what helps', async (t) => {
  const late = (agent: Partial<AgentResult>) => {
    const operations = { upload: { ...OPERATIONS.upload, sendDelayMs: 300 } };
    return check(run([{ ...CALM, operations }], { agent }), 'send-delay').finding;
  };
  const cores = (mean: number) => ({ mean, max: mean });
  // Two agents on a host of two cores.
  t.match(
    late({ hostCpuShare: { mean: 0.99, max: 1 }, processCpuCores: cores(0.08) }),
    /On the host of agent-1 and agent-2 the CPU was at 99%, of which the agents used 8%: other processes took the rest/,
  );
  t.match(late({ hostCpuShare: { mean: 0.99, max: 1 }, processCpuCores: cores(0.8) }), /Use more hosts, or lower/);
  t.match(late({ hostCpuShare: { mean: 0.99, max: 1 }, processCpuCores: cores(0.97) }), /used a whole core/);
  t.match(
    late({ hostCpuShare: { mean: 0.2, max: 1 }, processCpuCores: cores(0.08) }),
    /something else paused the agents/,
  );
});

t.test('a few late operations of a small run do not make it invalid', async (t) => {
  const histogram = (values: readonly number[]) => {
    const all = new Histogram();
    for (const value of values) all.record(value);
    return all.encode();
  };
  const small = run([{ ...CALM, seconds: 5 }]);
  const judged = (late: number, of: number) => {
    const delays = Array.from({ length: of }, (_, i) => (i < late ? 400_000 : 100));
    const [first] = small.operations as [OperationResult];
    const measure = {
      ...first.phases.measure,
      requests: of,
      serviceTime: histogram(delays.map(() => 8_000)),
      sendDelay: histogram(delays),
      responseTime: histogram(delays.map((us) => us + 8_000)),
    };
    const operations = [{ ...first, phases: { ...first.phases, measure } }];
    return checksWith(small, { operations })['send-delay'] as ValidityCheck;
  };
  t.match(judged(20, 49), { ok: true, finding: /^Not judged: 49 operations are too few.*at least 50/ });
  t.match(judged(5, 245), { ok: true, finding: /^99% of the operations/ }, '2 % of 245');
  t.match(judged(25, 245), { ok: true, finding: /^5% of the operations started 400 ms or more/ }, '10 %: p95 says so');
  t.ok(judged(75, 245).ok, '31 % of 245 may be a quarter of many');
  t.notOk(judged(90, 245).ok, '37 % of 245 are more than a quarter');
  t.notOk(judged(28_000, 100_000).ok, 'with many samples, so are 28 %');
});

t.test("failures of the generator's own host", async (t) => {
  const kinds = { http_500: 0.01, local_ports_exhausted: 0.01, too_many_open_files: 0.005 };
  const result = run([{ ...CALM, operations: { upload: { ...OPERATIONS.upload, fails: kinds } } }]);
  t.strictSame(failed(result), ['local-errors']);
  t.match(check(result, 'local-errors').finding, /\(local_ports_exhausted and too_many_open_files\).*ulimit -n/);
});

t.test('agents that went, or counted otherwise', async (t) => {
  const agents = (agent: Partial<AgentResult>) => run([CALM], { agent });
  const lost = agents({ closingTotals: 'missing' });
  t.strictSame(failed(lost), ['agents-complete']);
  t.match(
    check(lost, 'agents-complete').finding,
    /Agents lost before they reported .*: 2 of 2 \(agent-1 and agent-2\)\. Their last samples may be missing/,
    'that 0% of the load is missing would be no reason',
  );
  const missing = (toSecond: number) => [{ fromSecond: 0, toSecond, share: 0.5 }];
  const much = agents({ closingTotals: 'missing', missing: missing(10) });
  t.strictSame(failed(much), ['agents-complete']);
  t.match(check(much, 'agents-complete').finding, /2 of 2 \(agent-1 and agent-2\).*missing, and 50% of the load/);
  const few = agents({ closingTotals: 'missing', missing: missing(0.01) });
  t.strictSame(failed(few), []);
  t.match(check(few, 'agents-complete').finding, /2 of 2 .*within the limit of 1%/);
  const differ = agents({ closingTotals: 'differ' });
  t.strictSame(failed(differ), ['closing-totals']);
  t.match(check(differ, 'closing-totals').finding, /please report this as a bug/);
  t.strictSame(failed(agents({ clockUncertaintyUs: 400_000 })), ['clock']);
});

t.test('what control could not store is the fault of no agent', async (t) => {
  const result = run([CALM], { agents: ['a'] });
  const missing = [{ fromSecond: 3, toSecond: 20, share: 1 }];
  const agents = result.agents.map((agent) => ({ ...agent, missing, closingTotals: 'differ' as const }));
  const checks = checksWith(result, { agents, storeProblem: 'the store x cannot be written: the disk is full' });
  t.match(checks['closing-totals'], {
    ok: false,
    finding:
      /^What a reported is not all .*, because the store x cannot be written: the disk is full\. Do not use them/,
  });
  t.match(checks['agents-complete'], {
    ok: false,
    finding: /The agents were there, but the store x cannot be written/,
  });
});

t.test('what is missing of an agent that handed over is load, and no sample', async (t) => {
  const result = run([CALM], { agents: ['a', 'b', 'c'] });
  const agents = (...changes: Partial<AgentResult>[]) => {
    const changed = result.agents.map((agent, i) => ({ ...agent, ...changes[i] }));
    return checksWith(result, { agents: changed });
  };
  const missing = [{ fromSecond: 5, toSecond: 20, share: 0.25 }];
  const handed = agents({ missing });
  t.match(handed['agents-complete'], {
    ok: false,
    finding:
      /^Agents that were not present for the whole run: 1 of 3 \(a\)\. They reported .* is missing: 18\.8% \(limit 1%\)/,
  });
  t.notMatch(handed['agents-complete']?.finding, /[Ss]amples|logs/);
  t.match(handed['closing-totals'], {
    ok: true,
    finding: /^The final totals that the agents reported match the 7480 requests/,
  });

  const both = agents({ missing }, { missing, closingTotals: 'missing' });
  t.match(both['agents-complete'], {
    ok: false,
    finding:
      /lost before they reported .*: 1 of 3 \(b\); some .* totals reported: 1 \(a\)\. In total 37\.5% of the load/,
  });
});

t.test('closing totals are said to agree only of the agents that told theirs', async (t) => {
  const result = run([CALM], { agents: ['a', 'b', 'c'] });
  const [a, b, c] = result.agents as [AgentResult, AgentResult, AgentResult];
  const silent = checksWith(result, { agents: [a, { ...b, closingTotals: 'missing' }, c] })['closing-totals'];
  t.ok(silent?.ok);
  t.match(
    silent?.finding,
    new RegExp(`that agents reported match the ${a.requests + c.requests} .* reported none: 1 of 3 \\(b\\)\\.$`),
  );
  const none = checksWith(result, { agents: [{ ...a, closingTotals: 'missing' }] })['closing-totals'];
  t.match(none, { ok: true, finding: 'Not judged: no agent reported its final totals.' });
});

t.test('agents that begin apart, where they should begin together', async (t) => {
  const apart = (plan: Partial<PlanInput>) => {
    const result = run([CALM], { agents: ['a', 'b'] }, plan);
    const agents = result.agents.map((agent, i) => ({ ...agent, startDelayUs: i * 800_000 }));
    return checkValidity({ ...result, agents }).find(({ name }) => name === 'start-skew') as ValidityCheck;
  };
  t.notOk(apart({}).ok);
  t.match(apart({}).finding, /The agents started 800 ms apart \(limit 500 ms\)/);
  const operations = [{ driver: 'http-upload', name: 'upload' }];
  const rising = { executor: 'ramping-vus' as const, stages: [{ target: 100, duration: '20s' }], operations };
  t.match(
    apart({ scenarios: { devices: rising } }),
    { ok: true, finding: /Not judged/ },
    'a ramp from 0 does so by plan',
  );
});

t.test('no sample, no measurement', async (t) => {
  const result = run([{ seconds: 5, vus: 0, operations: {} }]);
  t.notOk(check(result, 'samples').ok);
  t.equal(result.verdict.kind, 'invalid');
});

t.test("dropped arrivals are the target's as long as the generator keeps up", async (t) => {
  const scenarios: PlanInput['scenarios'] = {
    devices: {
      executor: 'constant-arrival-rate',
      rate: 400,
      duration: '20s',
      maxVus: 100,
      operations: [
        { driver: 'http-upload', name: 'upload' },
        { driver: 'health', name: 'health' },
      ],
    },
  };
  const dropping = (dropped: number, more: Partial<Stretch> = {}) =>
    run([{ ...CALM, dropped, ...more }], {}, { scenarios, thresholds: ['p95 < 200ms'] });
  t.match(check(dropping(0), 'dropped-arrivals'), { ok: true, finding: 'No arrival was dropped.' });
  t.match(check(dropping(3), 'dropped-arrivals'), { ok: true, finding: /60 arrivals \(0\.796%\).*limit 1%/ });

  const overloaded = dropping(60);
  t.match(check(overloaded, 'dropped-arrivals'), {
    ok: true,
    finding: /generator kept up, so the target was too slow/,
  });
  t.match(overloaded.verdict, {
    kind: 'fail',
    reasons: [/^dropped_rate <= 1% \(default\): failed with 13\.8%, 14 times the limit/],
  });

  const late = checksWith(overloaded, {
    scenarios: overloaded.scenarios.map((one) => ({ ...one, missedArrivals: 1100 })),
  });
  t.match(late['dropped-arrivals'], { ok: false, finding: /1100 of them because agents learned of the start, or of/ });

  const fullHost = run([{ ...CALM, dropped: 60 }], { agent: { hostCpuShare: { mean: 0.97, max: 1 } } }, { scenarios });
  t.match(check(fullHost, 'dropped-arrivals'), {
    ok: false,
    finding: /it is unknown whether generator or target caused it/,
  });

  const saturated = dropping(60, { cpuCores: 1 });
  t.strictSame(failed(saturated), ['generator-saturated', 'dropped-arrivals']);
  t.equal(saturated.verdict.kind, 'invalid');
});

t.test("Little's law: the time of virtual users is all accounted for", async (t) => {
  const little = (result: RunResult) => check(result, 'littles-law');
  t.match(little(run([CALM])), { ok: true, finding: /active for at most 33m20s, with \d+m\d+s spent in requests/ });

  const half = { upload: { perSecond: 150, ms: UPLOAD_MS }, health: { perSecond: 15, ms: HEALTH_MS } };
  t.match(little(run([{ ...CALM, operations: half }])), { ok: false, finding: /15% unexplained/ });

  const doubled = { upload: { perSecond: 800, ms: UPLOAD_MS }, health: { perSecond: 80, ms: HEALTH_MS } };
  t.match(little(run([{ ...CALM, operations: doubled }])), { ok: false, finding: /add up to more than/ });

  const ramp = Array.from({ length: 20 }, (_, i): Stretch => {
    const share = (i + 0.5) / 20;
    return {
      ...{ seconds: 1, vus: (i + 1) * 5 },
      operations: {
        upload: { perSecond: 340 * share, ms: UPLOAD_MS },
        health: { perSecond: 34 * share, ms: HEALTH_MS },
      },
    };
  });
  t.ok(little(run(ramp)).ok, 'a ramp');
  t.ok(little(run([{ ...CALM, seconds: 2 }])).ok, 'a short run');
  t.match(little(run([CALM], { agent: { closingTotals: 'missing' } })), { ok: true, finding: /Not judged/ });
});

t.test("document 000's own figures do not add up with its own pauses", async (t) => {
  // 100 users that pause 50 to 100 ms and wait 52 ms make 780 requests/s, not 372: its generator was at its limit.
  const [devices] = Object.values(uploadPlan().scenarios);
  const scenarios = { devices: { ...devices, thinkTime: { uniform: ['50ms', '100ms'] } } } as PlanInput['scenarios'];
  const result = run([CALM], {}, { scenarios });
  t.strictSame(failed(result), ['littles-law']);
  t.match(check(result, 'littles-law').finding, /virtual users had to wait for the load generator/);
});

t.test("Little's law where the idle time is not known asks only for too much", async (t) => {
  const [devices] = Object.values(uploadPlan().scenarios);
  const pacing = { devices: { ...devices, thinkTime: { pacing: '1s' } } } as PlanInput['scenarios'];
  const half = { upload: { perSecond: 150, ms: UPLOAD_MS }, health: { perSecond: 15, ms: HEALTH_MS } };
  t.match(check(run([{ ...CALM, operations: half }], {}, { scenarios: pacing }), 'littles-law'), { ok: true });
  const shape = { executor: 'shape', shape: './s.ts', load: 'rate', maxVus: 100, operations: devices?.operations };
  const arrivals = { shaped: shape } as PlanInput['scenarios'];
  t.match(check(run([{ ...CALM, operations: half }], {}, { scenarios: arrivals }), 'littles-law'), { ok: true });
  const impossible = { upload: { perSecond: 3400, ms: UPLOAD_MS } };
  t.match(check(run([{ ...CALM, operations: impossible }], {}, { scenarios: pacing }), 'littles-law'), { ok: false });
});

t.test('a search that was stopped in its first level blames nobody', async (t) => {
  const search = { scenario: 'main', of: 'rate' as const, criteria: [], levels: [], isComplete: false };
  t.match(levelsJudged(search), { ok: false, message: { id: 'levels-judged.none' } });
});
