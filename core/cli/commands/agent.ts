import { hostname } from 'node:os';
import process from 'node:process';
import { type Command, Option } from 'commander';
import { limitSecretFiles } from '../../secret-files.ts';
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { configFolder } from '../files/folders.ts';
import {
  address,
  authorityHash,
  childFlag,
  credentialsFlag,
  flag,
  graceFlag,
  labels,
  refuseUnused,
  secretsFolderFlag,
  token,
  tokenStdinFlag,
  wholeNumber,
} from '../flags/flags.ts';
import { addLogFlags, createLog, type LogFlags } from '../flags/log-flags.ts';
import type { Output } from '../output.ts';
import { announce } from '../processes/child.ts';
import { abortOf, endInTime, withLifetime } from '../processes/lifetime.ts';

interface AgentFlags extends LogFlags {
  readonly control: string;
  readonly join?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly tokenStdin?: boolean;
  readonly caHash?: string;
  readonly credentials?: string;
  readonly name: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly processes: number;
  readonly secretsFolder: string;
  readonly simulate?: number;
  /** Microseconds. */
  readonly grace: number;
  readonly child?: boolean;
}

export function addAgent(command: Command, run: (flags: AgentFlags) => Promise<void>): void {
  addLogFlags(command)
    .description('start an agent, which joins a control and generates a share of the load')
    .addOption(flag('--control <host:port>', 'the control to join').default('127.0.0.1:7070').argParser(address))
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
    .addOption(credentialsFlag())
    .addOption(secretsFolderFlag())
    .addOption(graceFlag())
    .addOption(childFlag())
    .addOption(tokenStdinFlag())
    .addHelpText(
      'after',
      `
Examples:
  bench agent                                    joins the control on this host
  bench agent --control 10.0.0.5:7070 --name rack-2   uses the certificate of an earlier --join
  bench agent --processes 0                      one agent per core
  bench agent --label region=eu                  for runs with --agent-label region=eu
  bench agent --simulate 1000                    a thousand agents that send made-up windows: can control handle them?`,
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

export async function runAgentCommand(flags: AgentFlags, output: Output): Promise<ExitCode> {
  if (flags.simulate !== undefined) {
    const { simulateAgents } = await import('../processes/simulated-agents.ts');
    return simulateAgents(flags.simulate, { ...flags, control: await joinedControl(flags, output) }, output);
  }
  if (flags.processes !== 1) {
    const { runAgentProcesses } = await import('../processes/agent-processes.ts');
    const joined = { ...flags, control: await joinedControl(flags, output) };
    return runAgentProcesses(flags.processes, joined, output);
  }
  const { runAgent } = await import('../../../agents/index.ts');
  const { builtinDrivers } = await import('../../../plugins/builtin.ts');
  const { loadDriver } = await import('../../../plugins/loader/load.ts');
  const { name, label: labels = {} } = flags;
  const log = await createLog(flags, output);
  const control = await joinedControl(flags, output);
  const { clientAccess } = await import('../client/client-credentials.ts');
  const { LocalToken } = await import('../../../proto/local-token.ts');
  return withLifetime(flags.child === true, async (lifetime) => {
    const token = flags.tokenStdin ? await Promise.race([lifetime.token, abortOf(lifetime.signal)]) : undefined;
    const { credentials, tokenFile } = flags;
    const access = await clientAccess(control, ['agent'], { credentials, tokenFile, token: token ?? undefined });
    limitSecretFiles({
      below: access instanceof LocalToken ? undefined : [flags.secretsFolder],
      never: [configFolder()],
    });
    if (flags.child) announce({ ready: 'agent' });
    const cut = new AbortController();
    const living = runAgent({
      control,
      access,
      name,
      labels,
      drivers: Object.keys(builtinDrivers),
      loadDriver,
      log,
      signal: lifetime.signal,
      cut: cut.signal,
    });
    await Promise.race([living, lifetime.ending]);
    const grace = { graceMs: flags.grace / 1000, hurry: () => cut.abort() };
    const exit = (await endInTime(living, lifetime.forced, grace)) ? await living : undefined;
    if (exit?.kind === 'refused') throw new CommandError(`Control at ${control} refused agent ${name}: ${exit.reason}`);
    if (!exit?.handedOver) {
      throw new CommandError(`Agent ${name} ended before control had received everything it measured.`);
    }
    log(`Agent ${name} ended.`, { agent: name });
    return (await lifetime.ending) === 'interrupted' ? EXIT.aborted : EXIT.pass;
  });
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
