import { hostname } from 'node:os';
import process from 'node:process';
import { junitWithoutRun } from '../../../reports/junit.ts';
import type { AgentPolicy } from '../../control/run/checkpoint.ts';
import { planBundle } from '../bundle/plan-bundle.ts';
import { errorReport } from '../command-error.ts';
import type { ExitCode } from '../exit-codes.ts';
import { placeReports, planReports, type WantedReport, writeReports } from '../files/report-files.ts';
import type { RunPlanFlags } from '../flags/run-plan-flags.ts';
import type { Output } from '../output.ts';
import type { RunnablePlan } from '../plans/checked-plan.ts';
import { withLifetime } from '../processes/lifetime.ts';
import { type Execution, execute, executeLocally } from './execution.ts';

/** What a command runs. */
export interface PlannedRun extends Pick<AgentPolicy, 'trace'>, Pick<Execution, 'baseline'> {
  readonly plan: RunnablePlan;
  readonly exitCode?: Execution['exitCode'] | undefined;
}

/**
 * Runs a plan as the flags say: on this host with a control of its own, or on a control that others join. When that comes to
 * nothing, a JUnit report that is asked for says why.
 * @param planFile as it was given
 */
export async function runPlan(
  planFile: string,
  flags: RunPlanFlags,
  output: Output,
  read: () => Promise<PlannedRun>,
): Promise<ExitCode> {
  let wanted: readonly WantedReport[] = flags.report ?? [];
  try {
    const planned = await read();
    wanted = flags.report ?? planned.plan.resolved.plan.reports;
    return await run(planned, flags, output);
  } catch (error) {
    await reportNoRun(planFile, error, wanted, flags, output);
    throw error;
  }
}

async function run(
  { plan, trace, exitCode, baseline }: PlannedRun,
  flags: RunPlanFlags,
  output: Output,
): Promise<ExitCode> {
  const { report, lang, agentsTimeout: agentsTimeoutUs, onAgentLoss, lossTolerance } = flags;
  const reports =
    report === undefined
      ? await planReports(plan.resolved.plan.reports, plan.baseDirectory, flags)
      : await planReports(report, process.cwd(), flags);
  const { elastic = false, agentLabel: agentLabels = {}, note = '', tag: tags = [] } = flags;
  const agents = { agentsTimeoutUs, onAgentLoss, lossTolerance, elastic, agentLabels, ...(trace && { trace }) };
  const execution = { plan, reports, lang, agents, notes: { note, tags }, baseline, ...(exitCode && { exitCode }) };
  return withLifetime(false, async (lifetime) => {
    if (flags.control === undefined) {
      const { agents: count = 1, store, web, webOpen: keepsPage = false } = flags;
      return executeLocally({ agents: count, store, web, keepsPage }, execution, output, lifetime);
    }
    const wanted = { ...agents, expectAgents: flags.expectAgents ?? 0 };
    const bundle = await planBundle(plan, true);
    const remote = { ...execution, bundle, agents: wanted, caller: flags };
    return execute(remote, flags.control, output, lifetime);
  });
}

async function reportNoRun(
  planFile: string,
  error: unknown,
  wanted: readonly WantedReport[],
  flags: RunPlanFlags,
  output: Output,
): Promise<void> {
  const reason = errorReport(error).replace(/^bench: /, '');
  const content = junitWithoutRun(planFile, reason, { at: new Date(), host: hostname() });
  const reports = wanted.flatMap((entry) => {
    const { use, path }: { use: string; path?: string | undefined } =
      typeof entry === 'string' ? { use: entry } : entry;
    return use === 'junit' ? [{ name: use, path, render: () => [{ name: 'junit.xml', content }] }] : [];
  });
  if (reports.length === 0) return;
  try {
    const { problems } = await writeReports(error, await placeReports(reports, [], () => 'no-run', flags));
    for (const problem of problems) output.problem(`bench: ${problem}`);
  } catch {
    // That its place cannot be written is what the run failed of.
  }
}
