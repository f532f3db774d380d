import { hostname } from 'node:os';
import process from 'node:process';
import { type Command, Option } from 'commander';
import type { Simulation } from '../../../agents/index.ts';
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { DEFAULT_CONTROL } from '../flags/connection-flags.ts';
import {
  address,
  authorityHash,
  credentialsFlag,
  flag,
  labels,
  refuseUnused,
  token,
  wholeNumber,
} from '../flags/flags.ts';
import { addLogFlags, createLog } from '../flags/log-flags.ts';
import { addProcessFlags, checkProcessFlags } from '../flags/process-flags.ts';
import type { Output } from '../output.ts';
import type { AgentProcessFlags } from '../processes/agent-lifetime.ts';

interface AgentFlags extends AgentProcessFlags {
  readonly join?: string;
  readonly token?: string;
  readonly caHash?: string;
  readonly processes: number;
  readonly simulate?: number;
}

/** What a simulation reports at its end; a child writes it to stdout as JSON. */
export interface SimulationFigures {
  readonly windows: number;
  /** From the making of a window to its acknowledgement. */
  readonly ackP50Us: number;
  readonly ackP99Us: number;
  readonly ackMaxUs: number;
}

export function addAgent(command: Command, run: (flags: AgentFlags) => Promise<void>): void {
  addLogFlags(command)
    .description('start an agent, which joins a control and generates a share of the load')
    .addOption(flag('--control <host:port>', 'the control to join').default(DEFAULT_CONTROL).argParser(address))
    .addOption(
      flag('--name <name>', 'name of the agent, unique at its control').default(
        `${hostname()}-${process.pid}`,
        'host name and process id',
      ),
    )
    .addOption(
      flag('--processes <number>', 'number of agents to start on this host; 0 starts one per core')
        .default(1)
        .argParser(wholeNumber(0, 256)),
    )
    .addOption(flag('--label <name=value>', 'label by which runs can choose this agent; repeatable').argParser(labels))
    .addOption(
      flag('--simulate <number>', 'number of agents without load to simulate in this process, to test a control')
        .argParser(wholeNumber(1, 20_000))
        .conflicts('processes'),
    )
    .optionsGroup('To join a control on another host, with the values that `bench control invite` prints there:')
    .addOption(flag('--join <host:port>', 'the control to join for the first time').argParser(address))
    .addOption(
      flag(
        '--token-file <file>',
        'file with the token: with --join that of the invitation, else that of a control without TLS',
      ),
    )
    .addOption(
      // Its variable is named after what it holds, and yields to --token-file.
      new Option(
        '--token <token>',
        'token of the invitation; other users can see it here, so prefer --token-file or BENCH_INVITATION_TOKEN',
      )
        .argParser(token)
        .conflicts('tokenFile'),
    )
    .addOption(
      flag('--ca-hash <sha256:…>', "hash of control's authority, from the invitation").argParser(authorityHash),
    )
    .addOption(credentialsFlag());
  addProcessFlags(command)
    .addHelpText(
      'after',
      `
Examples:
  bench agent                                   joins the control on this host
  bench agent --control control.example:7070    uses the certificate of an earlier --join
  bench agent --processes 0                     one agent per core
  bench agent --label region=eu                 for runs with --agent-label region=eu
  bench agent --simulate 1000                   a thousand agents that send made-up windows: can control handle them?`,
    )
    .action((flags: AgentFlags, command: Command) => {
      for (const name of flags.join === undefined ? ['token', 'caHash'] : []) {
        refuseUnused(command, name, 'is for --join: `bench control invite` prints the whole line.');
      }
      for (const name of flags.join === undefined ? [] : ['control', 'credentials']) {
        refuseUnused(command, name, 'cannot be used with --join, which names the control and gets its certificate.');
      }
      return run(flags);
    });
}

export async function runAgentCommand(given: AgentFlags, output: Output): Promise<ExitCode> {
  await checkProcessFlags(given);
  const flags = { ...given, control: await joinedControl(given, output) };
  if (flags.simulate !== undefined) return simulateAgents(flags.simulate, flags, output);
  if (flags.processes !== 1) {
    const { runAgentProcesses } = await import('../processes/agent-processes.ts');
    return runAgentProcesses(flags.processes, flags, output);
  }
  const { runAgent } = await import('../../../agents/index.ts');
  const { runAgentsInProcess } = await import('../processes/agent-lifetime.ts');
  const { name } = flags;
  const log = await createLog(flags, output);
  return runAgentsInProcess(`agent ${name}`, flags, log, (options) => ({
    exit: runAgent(options),
    ended: (handedOver) => {
      if (handedOver) log(`Agent ${name} ended.`, { agent: name });
    },
  }));
}

/** Runs many agents in this one process, which send made-up windows, to find out what a control can handle. */
async function simulateAgents(agents: number, flags: AgentFlags, output: Output): Promise<ExitCode> {
  const { Simulation } = await import('../../../agents/index.ts');
  const { runAgentsInProcess } = await import('../processes/agent-lifetime.ts');
  const tell = (figures: SimulationFigures) => {
    if (flags.child) process.stdout.write(`${JSON.stringify(figures)}\n`);
    else output.line(sentenceOf(agents, figures));
  };
  return runAgentsInProcess('a simulated agent', flags, await createLog(flags, output), (options) => {
    const simulation = new Simulation({ ...options, agents });
    return { exit: simulation.run(), ended: () => tell(figuresOf(simulation)) };
  });
}

function figuresOf({ acknowledged }: Simulation): SimulationFigures {
  const { count, maxUs } = acknowledged;
  const [ackP50Us, ackP99Us] = [acknowledged.valueAtQuantileUs(0.5), acknowledged.valueAtQuantileUs(0.99)];
  return { windows: count, ackP50Us, ackP99Us, ackMaxUs: maxUs };
}

function sentenceOf(agents: number, { windows, ackP50Us, ackP99Us, ackMaxUs }: SimulationFigures): string {
  const [p50, p99, most] = [ackP50Us, ackP99Us, ackMaxUs].map((us) => `${(us / 1000).toFixed(1)} ms`);
  return `${agents} simulated agents: ${windows} windows acknowledged, after ${p50} (p50), ${p99} (p99), ${most} (most).`;
}

/** The control to join. With an invitation, the agent gets its certificate first, unless it has done so before. */
async function joinedControl(flags: AgentFlags, output: Output): Promise<string> {
  const { control, join, caHash } = flags;
  if (join === undefined) return control;
  if (caHash === undefined) {
    throw new CommandError(
      '--join needs --ca-hash and a token: `bench control invite` prints the whole line.',
      EXIT.invalidInput,
    );
  }
  const { enrollOnce, invitationToken } = await import('../client/enroll.ts');
  const token = invitationToken(flags);
  const enrolled = await enrollOnce({ address: join, token, caHash }, 'agent');
  if (enrolled === undefined) return join;
  const { role, folder } = enrolled;
  if (role !== 'agent') {
    throw new CommandError(`The invitation is for the role ${role}: agents need one from \`bench control invite\`.`);
  }
  output.problem(`The certificate for control at ${join} is saved in ${folder}.`);
  return join;
}
