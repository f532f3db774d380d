import type { AgentExit, AgentOptions } from '../../../agents/index.ts';
import { builtinDrivers } from '../../../plugins/builtin.ts';
import { openDataSets } from '../../../plugins/data/data-option.ts';
import { loadDriver, loadUser } from '../../../plugins/loader/load.ts';
import { pluginIn } from '../../../plugins/loader/plugin-modules.ts';
import { LocalToken } from '../../../proto/rpc/local-token.ts';
import { systemClock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { limitOwnFiles } from '../../plan-files.ts';
import { callInTime } from '../../timeout.ts';
import { clientAccess } from '../client/client-credentials.ts';
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { configFolder } from '../files/folders.ts';
import type { ProcessFlags } from '../flags/process-flags.ts';
import { bundleStore, ownFiles } from './bundle-store.ts';
import { announce } from './child.ts';
import { abortOf, endInTime, withLifetime } from './lifetime.ts';
import { containPlugins } from './plugin-faults.ts';

/** Flags of `bench agent` that say which control its agents join, and as what. */
export interface AgentProcessFlags extends ProcessFlags {
  readonly control: string;
  /** Where there are several agents, each has this name with a number. */
  readonly name: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly credentials?: string;
  readonly tokenFile?: string;
}

/** Agents that run in this process: one, or many simulated ones. */
export interface LivingAgents {
  readonly exit: Promise<AgentExit>;
  /**
   * Called at their end, unless control refused them.
   * @param handedOver whether control has received everything that they measured
   */
  readonly ended: (handedOver: boolean) => void;
}

/**
 * Runs agents in this process until they are told to end, and then gives them their time of grace.
 * @param subject names them within sentences, such as `agent rack-2`
 * @throws {CommandError} when control refuses them, or has not received everything that they measured
 */
export function runAgentsInProcess(
  subject: string,
  flags: AgentProcessFlags,
  log: Log,
  start: (options: AgentOptions) => LivingAgents,
): Promise<ExitCode> {
  const { control, name, label: labels = {}, credentials, tokenFile, child = false } = flags;
  return withLifetime(child, async (lifetime) => {
    const token = flags.tokenStdin ? await Promise.race([lifetime.token, abortOf(lifetime.signal)]) : undefined;
    const access = await clientAccess(control, ['agent'], { credentials, tokenFile, token: token ?? undefined });
    const isOwnUser = access instanceof LocalToken;
    const below = isOwnUser ? undefined : [flags.secretsFolder];
    const never = [configFolder()];
    containPlugins(log);
    limitOwnFiles({ which: ownFiles([flags.files]), never });
    if (child) announce({ ready: 'agent' });
    const cut = new AbortController();
    const agents = start({
      control,
      access,
      name,
      labels,
      drivers: Object.keys(builtinDrivers),
      loadDriver,
      scripts: { loadUser, openData: openDataSets },
      callPlugin: callInTime(systemClock),
      pluginIn,
      files: { secrets: { below, never, variablePrefix: flags.secrets }, bundles: bundleStore(flags) },
      log,
      signal: lifetime.signal,
      cut: cut.signal,
    });
    await Promise.race([agents.exit, lifetime.ending]);
    const grace = { graceMs: flags.grace / 1000, hurry: () => cut.abort() };
    const exit = (await endInTime(agents.exit, lifetime.forced, grace)) ? await agents.exit : undefined;
    if (exit?.kind === 'refused') throw new CommandError(`Control at ${control} refused ${subject}: ${exit.reason}`);
    const handedOver = exit?.handedOver ?? false;
    agents.ended(handedOver);
    if (!handedOver) {
      throw new CommandError(`Control has not received everything that ${subject} measured before its end.`);
    }
    return (await lifetime.ending) === 'interrupted' ? EXIT.aborted : EXIT.pass;
  });
}
