import { errorMessage } from '../../error.ts';
import type { LoadChange } from '../../plan/load/load-change.ts';
import type { RunResult } from '../../stats/result.ts';
import { checkValidity } from '../../verdict/validity.ts';
import { judge } from '../../verdict/verdict.ts';
import type { AgentConnection } from '../agents/agent-connection.ts';
import { vusLimit } from '../ingest/window-check.ts';
import { WindowCollector } from '../ingest/window-collector.ts';
import { STORE_PATIENCE_US } from '../limits.ts';
import type { LoadChangeRequest } from '../load/load-change-request.ts';
import type { LoadOutcome } from '../load/load-outcome.ts';
import { LoadPhase } from '../load/load-phase.ts';
import { RunAgents } from '../load/run-agents.ts';
import { ThresholdWatch } from '../load/threshold-watch.ts';
import { MonitorSampler } from '../monitors/monitor-sampler.ts';
import { RunOutputs } from '../outputs/run-outputs.ts';
import type { LiveParts } from '../results/live-parts.ts';
import { buildResult } from '../results/result-draft.ts';
import type { Started } from '../run/checkpoint.ts';
import type { RunContext } from '../run/run-context.ts';
import { planFolder, shapeOf } from '../run/run-spec.ts';
import { instantOf } from '../run/start-time.ts';
import type { ControlContext } from './control-context.ts';
import { DriverHooks } from './driver-hooks.ts';
import { RunDisplay } from './run-display.ts';
import type { RecoveredRun, RunStart } from './run-start.ts';

/** Takes one run from its first agent to its result. */
export class RunController {
  readonly #run: RunContext;
  readonly #control: ControlContext;
  readonly #start: RunStart;
  readonly #collector: WindowCollector;
  readonly #monitors: MonitorSampler;
  readonly #thresholds: ThresholdWatch;
  readonly #hooks: DriverHooks;
  readonly #agents: RunAgents;
  readonly #load: LoadPhase;
  readonly #outputs: RunOutputs;
  readonly #display: RunDisplay;
  #leftBehind = false;

  constructor(run: RunContext, control: ControlContext, start: RunStart) {
    const { runId, spec, totals, clock, events, secrets } = run;
    const { metrics, store } = control;
    const { measurements } = store;
    const { evaluator, monitorValues } = start;
    const note = (text: string) => events.record(text);
    this.#run = run;
    this.#control = control;
    this.#start = start;
    const limits = { shape: shapeOf(spec), maxVus: vusLimit(spec.plan, () => this.#loadChanges()) };
    this.#collector = new WindowCollector({ runId, ...limits, totals, store: measurements, clock, metrics, note });
    this.#monitors = new MonitorSampler({
      secrets,
      baseDirectory: planFolder(spec),
      clock,
      note,
      values: monitorValues,
      keep: (sample) => measurements.addSample({ runId, ...sample }),
    });
    this.#thresholds = new ThresholdWatch(run, evaluator, monitorValues);
    this.#hooks = new DriverHooks(run, (text) => events.notify(text));
    this.#agents = new RunAgents(run, control.registry, (source, report) => this.#collector.receive(source, report));
    this.#load = new LoadPhase(run, {
      agents: this.#agents,
      collector: this.#collector,
      monitors: this.#monitors,
      thresholds: this.#thresholds,
      ticked: () => this.#display.tick(() => this.#outputs.advance()),
    });
    this.#display = new RunDisplay(run, this.#agents, this.#load, this.#thresholds, monitorValues);
    this.#outputs = new RunOutputs(run, control, () => this.parts);
  }

  /**
   * @param keep stores the result; after it the run is only cleaned up
   * @throws {BenchError} which says why there is no result, or an error that nobody foresaw
   */
  async run(keep: (result: RunResult) => Promise<void>): Promise<void> {
    try {
      const load =
        this.#start.kind === 'new' ? await this.#begin(this.#start.isMaybePrepared) : await this.#recover(this.#start);
      const result = await this.#resultOf(load);
      await keep(result);
      await this.#outputs.end(result);
    } finally {
      await this.#outputs.close();
      await this.#collector.close();
      await this.#monitors.close();
      this.#run.cancellation.cleanupBegins();
      await this.#cleanUp();
      this.#agents.release();
    }
  }

  /** @returns when the change takes effect, since the run start. @throws {LoadChangeError} */
  changeLoad(request: LoadChangeRequest): number {
    return this.#load.change(request);
  }

  /** Whether drivers could not remove everything that they had made. */
  get leftBehind(): boolean {
    return this.#leftBehind;
  }

  get parts(): LiveParts {
    return this.#display.parts;
  }

  /** The load as another control process would need it now; undefined until its start is chosen. */
  get started(): { readonly started: Started; readonly startUs: number } | undefined {
    const { startUs } = this.#load;
    if (startUs === undefined) return undefined;
    const start = this.#start.kind === 'new' ? instantOf(startUs, this.#run.clock) : this.#start.started.start;
    const agents = this.#agents.all.map(({ connection, load: { first, changes }, closed }) => {
      const { name, epoch, certificate, labels } = connection;
      const environment = { ...connection.environment };
      const share = first && { of: first.of, slots: [...first.slots] };
      return { name, epoch, environment, certificate, labels: { ...labels }, share, changes: [...changes], closed };
    });
    const changes = [...this.#load.requested];
    const searched = this.#run.search && [...this.#run.search.levels];
    const targetEnvironment = { ...this.#display.targetEnvironment };
    const rows = this.#agents.rows.stored;
    return { started: { start, agents, rows, changes, targetEnvironment, searched }, startUs };
  }

  async #begin(isMaybePrepared: boolean): Promise<LoadOutcome> {
    const { policy, cancellation, events } = this.#run;
    if (isMaybePrepared) this.#hooks.recover();
    cancellation.drain.throwIfAborted();
    events.take({ kind: 'wait', expected: policy.expectAgents });
    const connections = await this.#gather();
    events.take({ kind: 'prepare', agents: connections.length });
    await this.#prepare(connections);
    cancellation.drain.throwIfAborted();
    return this.#load.start();
  }

  async #gather(): Promise<AgentConnection[]> {
    const { policy, cancellation } = this.#run;
    const { registry, address } = this.#control;
    return registry.gather({
      atLeast: Math.max(1, policy.expectAgents),
      labels: policy.agentLabels,
      timeoutUs: policy.agentsTimeoutUs,
      signal: cancellation.drain,
      address: address(),
    });
  }

  /** Makes everything ready: secrets, drivers, monitors, and then the agents. */
  async #prepare(connections: readonly AgentConnection[]): Promise<void> {
    const { spec, cancellation, secrets, saved } = this.#run;
    this.#agents.enlist(connections);
    // A secret without a value fails the run before anything is prepared.
    secrets.get();
    this.#outputs.open(false);
    // Should control be killed from here on, it is known that drivers have begun.
    await saved(STORE_PATIENCE_US);
    await this.#hooks.prepare(cancellation.drain);
    await this.#monitors.open(spec.monitors, cancellation.drain);
    cancellation.drain.throwIfAborted();
    this.#display.targetEnvironment = await this.#monitors.describe();
    await this.#agents.prepare();
  }

  /** Agents may come as soon as this first waits for something: then everything that they need is there. */
  async #recover({ started, startUs, windows, monitorValues, breach }: RecoveredRun): Promise<LoadOutcome> {
    const { spec, clock, events, cancellation, saved } = this.#run;
    this.#display.targetEnvironment = started.targetEnvironment;
    this.#collector.start(startUs);
    this.#agents.recover(started, startUs);
    events.record(`control was restarted and goes on with the ${windows} windows that it had stored`);
    if (breach) cancellation.request('threshold', breach.message);
    this.#openOutputsAgain();
    await this.#monitors.open(spec.monitors, cancellation.abort);
    const from = monitorValues.lastSecond + 1;
    const to = Math.floor(Math.min(clock.nowUs() - startUs, spec.plannedUs) / 1e6);
    if (spec.monitors.length > 0 && from < to)
      events.record(`monitors have no values for seconds ${from} to ${to - 1}`);
    // Whoever sees the run go on may count on these events: they are stored, should control be killed again now.
    await saved(STORE_PATIENCE_US);
    events.take({ kind: 'recover', startUs });
    this.#hooks.recover();
    return this.#load.recover(startUs, started.changes);
  }

  async #resultOf(load: LoadOutcome): Promise<RunResult> {
    const { totals, events, cancellation } = this.#run;
    const agents = this.#agents.all;
    cancellation.loadHasEnded();
    await this.#monitors.close();
    events.take({ kind: 'verify' });
    const record = (text: string) => events.record(text);
    this.#outputs.advance();
    const drained = this.#outputs.drain();
    const verified = await this.#hooks.verify((driver) => totals.writesOf(driver), cancellation.abortTeardown, record);
    await drained;
    const sessions = agents.map(({ name, epoch }) => ({ agent: name, epoch }));
    const evaluator = await this.#thresholds.complete(sessions, this.#control.store.measurements);
    const draft = buildResult(this.#run, agents, load, {
      ...verified,
      targetEnvironment: this.#display.targetEnvironment,
      monitors: this.#start.monitorValues.series(),
      events: events.list(load.startUs),
      loadChanges: this.#load.requested,
    });
    const thresholds = evaluator.conclude(draft);
    const validity = checkValidity(draft);
    return { ...draft, validity, thresholds, verdict: judge(validity, thresholds) };
  }

  async #cleanUp(): Promise<void> {
    const { runId, cancellation, events } = this.#run;
    const problems = await this.#hooks.cleanup(cancellation.abortCleanup);
    this.#leftBehind = problems.length > 0;
    for (const problem of problems) events.notify(`${problem}: \`bench cleanup ${runId}\` removes what is left`);
  }

  /** A secret of theirs that is not there any more does not end the run. */
  #openOutputsAgain(): void {
    try {
      this.#outputs.open(true);
    } catch (error) {
      this.#run.events.record(`the outputs cannot be opened: ${errorMessage(error)}`);
    }
  }

  /** Windows may arrive before the load of a recovered run knows its changes. */
  #loadChanges(): readonly LoadChange[] {
    const { requested } = this.#load;
    return requested.length > 0 || this.#start.kind === 'new' ? requested : this.#start.started.changes;
  }
}
