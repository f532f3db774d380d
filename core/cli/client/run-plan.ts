import process from 'node:process';
import type { AgentPolicy } from '../../control/run/checkpoint.ts';
import { planBundle } from '../bundle/plan-bundle.ts';
import type { ExitCode } from '../exit-codes.ts';
import { planReports } from '../files/report-files.ts';
import type { RunPlanFlags } from '../flags/run-plan-flags.ts';
import type { Output } from '../output.ts';
import type { RunnablePlan } from '../plans/checked-plan.ts';
import { withLifetime } from '../processes/lifetime.ts';
import { type Execution, execute, executeLocally } from './execution.ts';

/** What not every command that runs a plan has. */
export type RunPlanOptions = Pick<AgentPolicy, 'trace'> & Pick<Execution, 'exitCode' | 'baseline'>;

/** Runs a plan as the flags say: on this host with a control of its own, or on a control that others join. */
export async function runPlan(
  plan: RunnablePlan,
  flags: RunPlanFlags,
  output: Output,
  { trace, exitCode, baseline }: RunPlanOptions = {},
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
