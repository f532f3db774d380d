import process from 'node:process';
import { makeView } from '../../../reports/view.ts';
import type { AgentPolicy } from '../../control/run/checkpoint.ts';
import type { RunNotes } from '../../control/run/run-notes.ts';
import type { RunResult } from '../../stats/result.ts';
import type { Baseline } from '../../verdict/baseline/baseline-figures.ts';
import { withComparison } from '../../verdict/baseline/before-and-after.ts';
import type { Lang } from '../../verdict/messages/lang.ts';
import { type PlanBundle, planBundle } from '../bundle/plan-bundle.ts';
import { CommandError } from '../command-error.ts';
import { commandLine } from '../command-line.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { recordLocalRun } from '../files/local-runs.ts';
import { type PlannedReports, writeReports } from '../files/report-files.ts';
import type { Output } from '../output.ts';
import type { RunnablePlan } from '../plans/checked-plan.ts';
import type { Lifetime } from '../processes/lifetime.ts';
import { causeIn, type LocalControl, startLocalControl } from '../processes/local-control.ts';
import { endScreen } from '../view/ending.ts';
import { RunView } from '../view/run-view.ts';
import type { Caller } from './client-credentials.ts';
import {
  conductRun,
  connectControl,
  GivenUpError,
  type RunWatcher,
  reasonWithoutResult,
  startRun,
} from './run-client.ts';

export interface Execution {
  readonly plan: RunnablePlan;
  /** What the plan names, to be sent before it is run. */
  readonly bundle: PlanBundle;
  readonly reports: PlannedReports;
  readonly lang: Lang | undefined;
  /** What to show to control, instead of what is saved for its address. */
  readonly caller?: Caller;
  readonly agents: AgentPolicy;
  /** By which the run is found later. */
  readonly notes?: RunNotes;
  /** What the result is compared with. */
  readonly baseline?: Baseline | undefined;
  /** Lines about the result that stand before all others on the last screen. @param columns the terminal's width */
  readonly closing?: (result: RunResult, columns: number) => readonly string[];
  /** Default: {@link exitCodeOf}. */
  readonly exitCode?: (result: RunResult) => ExitCode;
}

/**
 * Runs a plan on a control, shows it, writes the reports and prints the result.
 * @param local the control, when this process has started it
 */
export async function execute(
  {
    plan,
    bundle,
    reports,
    lang = 'en',
    agents,
    notes,
    baseline,
    caller,
    closing = () => [],
    exitCode = exitCodeOf,
  }: Execution,
  address: string,
  output: Output,
  lifetime: Lifetime,
  local?: LocalControl,
): Promise<ExitCode> {
  for (const notice of plan.notices) output.line(notice);
  const client = await connectControl(address, local ?? caller, {
    signal: lifetime.signal,
    waiting: (reason) => output.problem(`Control at ${address} cannot be reached yet (${reason}): waiting for it.`),
  });
  const view = new RunView(output, plan.resolved.plan.name, plan.resolved.plan.target ?? '');
  for (const agent of local?.agents ?? []) {
    void agent.exited.then(() => agent.endedByItself && view.notice(`${agent.label} ended: ${agent.lastWords()}`));
  }
  const removals: Promise<() => Promise<void>>[] = [];
  let runId = '';
  const request = {
    plan: plan.input,
    baseDirectory: plan.baseDirectory,
    bundle,
    agents,
    notes,
    command: commandLine(process.argv.slice(2)),
    against: plan.against,
  };
  try {
    const watcher = local === undefined ? view : recorded(view, local, removals);
    const begin = async () => {
      runId = await startRun(client, address, request);
      return runId;
    };
    const outcome = await conductRun(client, address, begin, watcher, lifetime, local?.store);
    view.end();
    if (outcome.kind !== 'finished') {
      if (lifetime.signal.aborted)
        throw new CommandError('The run was stopped before it had measured anything.', EXIT.aborted);
      throw new CommandError(`The run did not take place: ${reasonWithoutResult(outcome)}`);
    }
    const result = baseline === undefined ? outcome.result : withComparison(baseline.runs, outcome.result);
    const code = await conclude(result, { reports, lang, closing, exitCode }, output);
    for (const line of lastWords(result, local)) output.problem(line);
    return code;
  } catch (error) {
    view.end();
    throw await causeIn(local, error, runId);
  } finally {
    client.close();
    for (const remove of removals) await (await remove)();
  }
}

/** Agents on this host that were lost may have said why, where nobody looks. */
function lastWords({ agents }: RunResult, local: LocalControl | undefined): string[] {
  const lost = new Set(agents.filter(({ closingTotals }) => closingTotals === 'missing').map(({ name }) => name));
  return (local?.agents ?? []).flatMap((agent) => {
    const [line] = agent.lastWords().split('\n').slice(-1);
    return lost.has(agent.label) && line ? [`${agent.label} said last: ${line}`] : [];
  });
}

/** Lets other commands of this user find the run while it goes on. It goes on without that too. */
function recorded(
  view: RunView,
  { address, token }: LocalControl,
  removals: Promise<() => Promise<void>>[],
): RunWatcher {
  return {
    started: (runId) => {
      view.started(runId);
      removals.push(recordLocalRun(runId, { address, token }).catch(() => async () => {}));
    },
    activity: (text) => view.activity(text),
    snapshot: (snapshot) => view.snapshot(snapshot),
    notice: (text) => view.notice(text),
    traced: (text) => view.traced(text),
  };
}

/** Reports are written first, so that the screen can say where they are. */
async function conclude(
  result: RunResult,
  { reports, lang, closing, exitCode }: Required<Pick<Execution, 'reports' | 'closing' | 'exitCode'>> & { lang: Lang },
  output: Output,
): Promise<ExitCode> {
  const { written, problems } = await writeReports(result, reports);
  const view = makeView(result, lang);
  output.screen(closing(result, output.columns()));
  output.screen(endScreen(view, written, output.columns(), output.paint));
  for (const problem of problems) output.problem(`bench: ${problem}`);
  const code = exitCode(result);
  return code === EXIT.pass && problems.length > 0 ? EXIT.error : code;
}

/** What is started on this host for one run. */
export interface LocalParts {
  readonly agents: number;
  readonly store: string;
  /** Where the run's page is served. */
  readonly web: string | undefined;
  /** Whether the page stays when the run has ended, until somebody ends this process. */
  readonly keepsPage?: boolean;
}

/** Runs a plan with a control and agents of its own, which end with the run. */
export async function executeLocally(
  { agents: agentCount, store, web, keepsPage = false }: LocalParts,
  execution: Omit<Execution, 'agents' | 'bundle'> & { readonly agents: Omit<AgentPolicy, 'expectAgents'> },
  output: Output,
  lifetime: Lifetime,
): Promise<ExitCode> {
  const bundle = await planBundle(execution.plan, false);
  const local = await startLocalControl(agentCount, store, web, lifetime.signal);
  if (web !== undefined) output.line(pageLine(local));
  let isGivenUp = false;
  try {
    const agents = { ...execution.agents, expectAgents: agentCount };
    const code = await execute({ ...execution, bundle, agents }, local.address, output, lifetime, local);
    if (keepsPage) await pageLeft(local, output, lifetime);
    return code;
  } catch (error) {
    isGivenUp = error instanceof GivenUpError;
    throw error;
  } finally {
    await local.end(isGivenUp);
  }
}

/** Whoever has ended the run with Ctrl-C does not have to press it again. */
async function pageLeft({ control }: LocalControl, output: Output, lifetime: Lifetime): Promise<void> {
  if (control.webUrl === undefined || lifetime.signal.aborted) return;
  output.line(`The run's page stays at ${control.webUrl} until Ctrl-C.`);
  await Promise.race([lifetime.ending, control.exited]);
}

function pageLine({ control }: LocalControl): string {
  const { webUrl } = control;
  return webUrl === undefined
    ? `The run has no live page: ${control.lastWords()}`
    : `The run's live page is at ${webUrl}, its HTTP API at ${webUrl}api/v1`;
}
