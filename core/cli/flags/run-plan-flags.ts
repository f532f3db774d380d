import { type Command, InvalidArgumentError } from 'commander';
import { DEFAULT_AGENTS_TIMEOUT_US, DEFAULT_LOSS_TOLERANCE } from '../../agent-limits.ts';
import type { AgentPolicy } from '../../control/run/checkpoint.ts';
import { checkedNotes, type RunNotes } from '../../control/run/run-notes.ts';
import type { Lang } from '../../verdict/messages/lang.ts';
import type { ReportAccess } from '../files/report-path.ts';
import { DEFAULT_STORE } from '../files/store-location.ts';
import {
  address,
  credentialsFlag,
  durationUs,
  flag,
  labels,
  languageFlag,
  listenAddress,
  type OutToFlag,
  outToFlag,
  percentage,
  type ReportFlag,
  refuseUnused,
  repeatable,
  reportAccessFlag,
  reports,
  tokenFileFlag,
  wholeNumber,
} from './flags.ts';

/** Flags of all commands that run a plan: which agents do it, and what is made of its result. */
export interface RunPlanFlags {
  readonly control?: string;
  readonly credentials?: string;
  readonly tokenFile?: string;
  readonly agents?: number;
  readonly expectAgents?: number;
  readonly agentsTimeout: number;
  readonly onAgentLoss: AgentPolicy['onAgentLoss'];
  readonly lossTolerance: number;
  readonly elastic?: boolean;
  readonly agentLabel?: Readonly<Record<string, string>>;
  readonly outTo?: readonly OutToFlag[];
  readonly report?: readonly ReportFlag[];
  readonly out?: string;
  readonly lang?: Lang;
  readonly reportAccess: ReportAccess;
  readonly store: string;
  /** `host:port` */
  readonly web?: string;
  readonly webOpen?: boolean;
  readonly tag?: readonly string[];
  readonly note?: string;
}

export function addRunPlanFlags(command: Command): Command {
  return command
    .optionsGroup('Agents:')
    .addOption(
      flag('--agents <number>', 'number of agents to start on this host (default: 1)').argParser(wholeNumber(1, 256)),
    )
    .addOption(
      flag('--control <host:port>', 'use this control and its agents instead').argParser(address).conflicts('agents'),
    )
    .addOption(credentialsFlag())
    .addOption(tokenFileFlag())
    .addOption(
      flag(
        '--expect-agents <number>',
        'with --control: number of agents to wait for (default: those that have joined)',
      ).argParser(wholeNumber(1, 100_000)),
    )
    .addOption(
      flag('--agents-timeout <time>', 'how long to wait for agents')
        .argParser(durationUs)
        .default(DEFAULT_AGENTS_TIMEOUT_US, '60s'),
    )
    .addOption(
      flag(
        '--on-agent-loss <what>',
        'when an agent is lost: let the others take over its share, let them only continue, or abort the run',
      )
        .choices(['rebalance', 'continue', 'abort'])
        .default('rebalance'),
    )
    .addOption(
      flag('--loss-tolerance <percentage>', 'share of the load that may be missing because agents were lost')
        .argParser(percentage)
        .default(DEFAULT_LOSS_TOLERANCE, '1%'),
    )
    .addOption(flag('--elastic', 'with --control: agents that join during the run get a share of the load'))
    .addOption(
      flag('--agent-label <name=value>', 'with --control: use only agents with this label; repeatable').argParser(
        labels,
      ),
    )
    .optionsGroup('Results:')
    .addOption(flag('-o, --out <folder>', 'folder for the reports (default: bench-reports/<run>)'))
    .addOption(
      flag('--report <name[=path]>', 'report to write, instead of those of the plan; repeatable').argParser(reports),
    )
    .addOption(outToFlag('output that the figures go to while the run goes on, beside those of the plan'))
    .addOption(reportAccessFlag())
    .addOption(languageFlag())
    .addOption(flag('--store <file|url>', 'where the run is stored, without --control').default(DEFAULT_STORE))
    .addOption(
      flag('--tag <tag>', 'label by which `bench runs --tag` and the live page find the run; repeatable')
        .env('BENCH_RUN_TAG')
        .argParser(runTags),
    )
    .addOption(flag('--note <text>', 'what to remember of the run, beside its tags').argParser(runNote))
    .addOption(
      flag(
        '--web [host:port]',
        'without --control (after the plan): serve the live page and the HTTP API of the run while it goes on (default: a free port of 127.0.0.1)',
      )
        .argParser(listenAddress)
        .preset('127.0.0.1:0'),
    )
    .addOption(flag('--web-open', 'with --web: keep the page open when the run has ended, until Ctrl-C'));
}

export function refuseUnusedAgentFlags(
  { control, web }: Pick<RunPlanFlags, 'control' | 'web'>,
  command: Command,
): void {
  if (web === undefined) refuseUnused(command, 'webOpen', 'keeps the page of --web open: add --web.');
  if (control !== undefined) {
    refuseUnused(command, 'store', 'cannot be used with --control: that control stores the run in its own store.');
    refuseUnused(command, 'web', 'cannot be used with --control: that control serves its own page.');
    return;
  }
  const wanted = 'is for a control that others join: add --control host:port';
  refuseUnused(command, 'expectAgents', `${wanted}, or use --agents to start agents here.`);
  refuseUnused(command, 'agentLabel', `${wanted}, or use --agents to start agents here.`);
  refuseUnused(command, 'credentials', `${wanted}.`);
  refuseUnused(command, 'tokenFile', `${wanted}.`);
  refuseUnused(command, 'elastic', `${wanted}.`);
}

/** One, or several with commas. */
const runTags = repeatable((text: string, before: readonly string[] = []): readonly string[] => {
  const tags = [...before, ...text.split(',').map((tag) => tag.trim())];
  return notesOrRefusal({ note: '', tags }).tags;
});

function runNote(text: string): string {
  return notesOrRefusal({ note: text, tags: [] }).note;
}

function notesOrRefusal(notes: RunNotes): RunNotes {
  const checked = checkedNotes(notes);
  if (typeof checked !== 'string') return checked;
  throw new InvalidArgumentError(`${checked.charAt(0).toUpperCase()}${checked.slice(1)}.`);
}
