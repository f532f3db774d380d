import type { Clock } from '../../clock.ts';
import { errorMessage } from '../../error.ts';
import { isLoadMovable } from '../../plan/load-model.ts';
import { RunTotals } from '../../stats/merge.ts';
import type { RunResult } from '../../stats/result.ts';
import type { ThresholdEvaluator } from '../../verdict/evaluator.ts';
import { checkValidity } from '../../verdict/validity.ts';
import { judge } from '../../verdict/verdict.ts';
import type { AgentConnection } from '../agents/agent-connection.ts';
import type { AgentRegistry } from '../agents/agent-registry.ts';
import { evaluatorOf, replay } from '../ingest/replay.ts';
import { WindowCollector } from '../ingest/window-collector.ts';
import { type EarlyExit, inWords } from '../load/early-exit.ts';
import { LoadChangeError, type LoadChangeRequest } from '../load/load-order.ts';
import { LoadPhase } from '../load/load-phase.ts';
import type { RunAgent } from '../load/run-agent.ts';
import { RunAgents } from '../load/run-agents.ts';
import { MonitorSampler } from '../monitors/monitor-sampler.ts';
import { MonitorValues } from '../monitors/monitor-series.ts';
import { failingChecks } from '../results/live-checks.ts';
import { snapshotOf } from '../results/live-snapshot.ts';
import { buildLeanResult, buildResult } from '../results/result-draft.ts';
import type { AgentPolicy, Checkpoint, Started } from '../run/checkpoint.ts';
import type { RunCancellation } from '../run/run-cancellation.ts';
import type { RunJournal } from '../run/run-events.ts';
import type { RunFeed } from '../run/run-feed.ts';
import { RunSecrets } from '../run/run-secrets.ts';
import { type RunSpec, shapeOf } from '../run/run-spec.ts';
import type { RunStep } from '../run/run-state.ts';
import { instantOf, type StartInstant, startOnClock } from '../run/start-instant.ts';
import type { RunStore } from '../store/run-store.ts';
import type { MetricsSink } from '../telemetry/metrics-sink.ts';
import { DriverHooks } from './driver-hooks.ts';
import type { RecoveredRun } from './recovery.ts';

export interface RunControllerOptions extends AgentPolicy {
  readonly runId: string;
  readonly spec: RunSpec;
  /** Control's own `host:port`, for advice. */
  readonly address: string;
  readonly registry: AgentRegistry;
  readonly store: RunStore;
  readonly clock: Clock;
  readonly metrics?: MetricsSink | undefined;
  readonly stop: RunCancellation;
  readonly journal: RunJournal;
  readonly feed: RunFeed;
  readonly take: (step: RunStep) => void;
  /** Its load was started by another control process, which is no more. */
  readonly recovered: RecoveredRun | undefined;
  /** It was to end already under another control process. */
  readonly stopped?: Checkpoint['stop'];
  /** Stores what another process needs to take the run up. */
  readonly checkpoint: (started: () => Started, startUs: number) => Promise<void>;
  /** Resolves when what was settled before is stored, or cannot be for now. */
  readonly stored: () => Promise<void>;
}

/** Leads one run from the first agent to its result. */
export class RunController {
  readonly #options: RunControllerOptions;
  readonly #totals: RunTotals;
  readonly #evaluator: ThresholdEvaluator;
  readonly #monitorValues: MonitorValues;
  readonly #collector: WindowCollector;
  readonly #monitors: MonitorSampler;
  readonly #steps: DriverHooks;
  readonly #runAgents: RunAgents;
  readonly #secrets: RunSecrets;
  #load: LoadPhase | undefined;

  constructor(options: RunControllerOptions) {
    const { runId, spec, store, clock, metrics, journal, recovered } = options;
    const shape = shapeOf(spec);
    const note = (text: string) => journal.note(text);
    const secrets = new RunSecrets(spec);
    this.#secrets = secrets;
    this.#options = options;
    this.#totals = recovered?.totals ?? new RunTotals(shape);
    this.#evaluator = recovered?.evaluator ?? evaluatorOf(spec);
    this.#monitorValues = recovered?.monitors ?? new MonitorValues();
    this.#collector = new WindowCollector({
      runId,
      shape,
      totals: this.#totals,
      store: store.measurements,
      clock,
      metrics,
      note,
    });
    this.#monitors = new MonitorSampler({
      secrets,
      baseDirectory: spec.baseDirectory,
      clock,
      note,
      values: this.#monitorValues,
      keep: (sample) => store.measurements.addSample({ runId, ...sample }),
    });
    this.#runAgents = new RunAgents({
      ...options,
      totals: this.#totals,
      collector: this.#collector,
      changed: (agent) => this.#load?.participantChanged(agent),
      back: (agent) => this.#load?.tellAgain(agent),
      leaving: (agent, departure) => this.#leaving(agent, departure),
    });
    this.#steps = new DriverHooks({ runId, spec, secrets, clock, progress: (text) => journal.tell(text) });
  }

  /**
   * @param keep stores the result: what follows it is only cleaning up
   * @throws an Error whose message says why there is no result
   */
  async conduct(keep: (result: RunResult) => Promise<void>): Promise<void> {
    const { recovered } = this.#options;
    try {
      await keep(recovered === undefined ? await this.#begin() : await this.#recover(recovered));
    } finally {
      await this.#collector.close();
      await this.#monitors.close();
      await this.#steps.cleanup();
      this.#runAgents.release();
    }
  }

  async #begin(): Promise<RunResult> {
    const { take, expectAgents, stop, stopped } = this.#options;
    // That process may not have cleaned up what it had prepared.
    if (stopped !== undefined) this.#steps.recover();
    stop.drain.throwIfAborted();
    take({ kind: 'wait', expected: expectAgents });
    const connections = await this.#gather();
    take({ kind: 'prepare', agents: connections.length });
    const targetEnvironment = await this.#prepare(connections);
    stop.drain.throwIfAborted();
    return this.#measure(targetEnvironment, undefined);
  }

  /** Agents may come as soon as this has first waited for something: then everything is there for them. */
  async #recover({ started, windows, monitors, breach }: RecoveredRun): Promise<RunResult> {
    const { spec, clock, take, journal, stop, stored } = this.#options;
    const startUs = startOnClock(started.start, clock);
    this.#collector.start(startUs);
    this.#runAgents.recover(started);
    journal.note(`control was started again and goes on with the ${windows} windows that it had stored`);
    if (breach) stop.request('threshold', breach.message);
    await this.#monitors.open(spec.monitors, stop.cut);
    const from = monitors.lastSecond + 1;
    const to = Math.floor(Math.min(clock.nowUs() - startUs, spec.plannedUs) / 1e6);
    if (spec.monitors.length > 0 && from < to) journal.note(`monitors have no values of seconds ${from} to ${to - 1}`);
    // Whoever sees the run go on may count on these notes: control may be killed again at once.
    await stored();
    take({ kind: 'take-up', startUs });
    this.#steps.recover();
    return this.#measure(started.targetEnvironment, startUs);
  }

  /** @throws {LoadChangeError} */
  changeLoad(order: LoadChangeRequest): number {
    if (this.#load === undefined) throw new LoadChangeError('its load has not begun');
    return this.#load.change(order);
  }

  async #gather(): Promise<AgentConnection[]> {
    const { registry, expectAgents, agentsTimeoutUs: timeoutUs, agentLabels: labels, stop, address } = this.#options;
    return registry.gather({ least: Math.max(1, expectAgents), labels, timeoutUs, signal: stop.drain, address });
  }

  /** Data, monitors and agents. @returns what the monitors say of the target */
  async #prepare(connections: readonly AgentConnection[]): Promise<Record<string, string>> {
    const { spec, stop } = this.#options;
    this.#runAgents.enlist(connections);
    // All that has no value is told at once.
    this.#secrets.get();
    await this.#steps.prepare(stop.drain);
    await this.#monitors.open(spec.monitors, stop.drain);
    stop.drain.throwIfAborted();
    const targetEnvironment = await this.#monitors.describe();
    await this.#runAgents.prepare();
    return targetEnvironment;
  }

  async #measure(targetEnvironment: Record<string, string>, recoveredUs: number | undefined): Promise<RunResult> {
    const { runId, spec, stop, journal, take, clock } = this.#options;
    const { onAgentLoss, elastic, agentLabels, lossTolerance, registry, recovered } = this.#options;
    const common = { runId, spec, totals: this.#totals, agents: this.#runAgents.agents, targetEnvironment };
    const phase = new LoadPhase({
      spec,
      runAgents: this.#runAgents,
      newcomers: elastic ? { registry, labels: agentLabels } : undefined,
      totals: this.#totals,
      collector: this.#collector,
      monitors: this.#monitors,
      monitorValues: this.#monitorValues,
      evaluator: this.#evaluator,
      stop,
      clock,
      journal,
      recoveredUs,
      onAgentLoss,
      changes: recovered?.started.changes ?? [],
      started: async (startUs) => {
        const start = recovered?.started.start ?? instantOf(startUs, clock);
        await this.#options.checkpoint(() => this.#started(start, targetEnvironment), startUs);
      },
      // Whoever sees it run may count on it: control may be killed at once.
      begun: (startUs) => recovered === undefined && take({ kind: 'start', startUs }),
      draining: (reason) => take({ kind: 'drain', reason }),
      looked: (startUs) => this.#show(startUs, targetEnvironment),
    });
    this.#load = phase;
    const load = await phase.run();
    stop.loadIsOver();
    await this.#monitors.close();
    take({ kind: 'verify' });
    const note = (text: string) => journal.note(text);
    const verified = await this.#steps.verify((driver) => this.#totals.writesOf(driver), stop.hurry, note);
    const evaluator = await this.#judge();
    const events = journal.events(load.startUs);
    const loadChanges = phase.changes;
    const monitors = this.#monitorValues.series();
    const draft = buildResult({ ...common, load, monitors, ...verified, events, loadChanges, lossTolerance });
    const thresholds = evaluator.conclude(draft);
    const validity = checkValidity(draft);
    return { ...draft, validity, thresholds, verdict: judge(validity, thresholds) };
  }

  /** A second is judged when all agents have gone beyond it; where windows came later, all is judged anew. */
  async #judge(): Promise<ThresholdEvaluator> {
    const { runId, spec, store, journal } = this.#options;
    if (!this.#totals.hasLateWindows || !this.#evaluator.isSliding) return this.#evaluator;
    const sessions = this.#runAgents.agents.map(({ connection: { name, epoch } }) => ({ agent: name, epoch }));
    try {
      const replayed = await replay(spec, runId, sessions, this.#monitorValues, store.measurements);
      const { totals, evaluator, windows } = replayed;
      const came = this.#runAgents.agents.reduce((sum, { index }) => sum + this.#totals.agent(index).windows, 0);
      if (windows !== came) throw new Error(`of the ${came} windows that came, ${windows} can be read`);
      for (const agent of sessions.keys()) totals.setPresence(agent, 'left');
      for (const settled of totals.settle((second) => this.#monitorValues.at(second))) evaluator.observe(settled);
      return evaluator;
    } catch (error) {
      const reason = errorMessage(error);
      journal.note(`thresholds with a duration cannot be judged: ${reason}`);
      this.#evaluator.missLateWindows();
      return this.#evaluator;
    }
  }

  #started(start: StartInstant, targetEnvironment: Record<string, string>): Started {
    const agents = this.#runAgents.agents.map(({ connection, load: { first, changes }, closed }) => {
      const { name, epoch, certificate, labels } = connection;
      const environment = { ...connection.environment };
      const share = first && { of: first.of, slots: [...first.slots] };
      return { name, epoch, environment, certificate, labels: { ...labels }, share, changes: [...changes], closed };
    });
    return { start, agents, changes: [...(this.#load?.changes ?? [])], targetEnvironment };
  }

  /** Of a run that is being taken up, the share is handed over as soon as the load is known. */
  #handsOver(agent: RunAgent): boolean {
    const { recovered, onAgentLoss, spec } = this.#options;
    if (this.#load === undefined) {
      return recovered !== undefined && onAgentLoss === 'rebalance' && isLoadMovable(spec.plan);
    }
    return this.#load.handOver(agent);
  }

  #leaving(agent: RunAgent, departure: EarlyExit): void {
    const { stop, onAgentLoss, journal } = this.#options;
    const sentence = inWords(agent.name, departure);
    if (departure.isByItself) {
      journal.note(sentence);
      if (onAgentLoss === 'abort' && this.#runAgents.has(agent)) stop.request('failure', sentence);
    } else if (this.#handsOver(agent)) journal.note(sentence);
    else stop.request('request', sentence);
  }

  #show(startUs: number, targetEnvironment: Record<string, string>): void {
    const { runId, spec, feed, clock } = this.#options;
    if (!feed.isWatched) return;
    const elapsedUs = clock.nowUs() - startUs;
    const loadUs = Math.min(elapsedUs, spec.plannedUs);
    const draft = buildLeanResult({
      runId,
      spec,
      totals: this.#totals,
      agents: this.#runAgents.agents,
      load: { startUs, startedAt: '', loadUs, wantedUs: loadUs, ending: { kind: 'completed' } },
      targetEnvironment,
      monitors: [],
      reconciliations: [],
      unverified: [],
      events: [],
      loadChanges: [],
      lossTolerance: this.#options.lossTolerance,
    });
    const findings = {
      warnings: failingChecks(draft, this.#runAgents.agents),
      thresholds: this.#evaluator.conclude(draft),
      changes: this.#load?.changes ?? [],
    };
    feed.snapshot(snapshotOf(spec, this.#totals, elapsedUs, findings));
  }
}
