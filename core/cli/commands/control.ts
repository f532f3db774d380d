import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { placeOf } from '../../../proto/address.ts';
import { systemClock } from '../../clock.ts';
import { isLoopback } from '../../control/security/loopback.ts';
import type { LocalAccess } from '../../control/server.ts';
import { errorMessage } from '../../error.ts';
import { limitOwnFiles } from '../../plan-files.ts';
import { callInTime } from '../../timeout.ts';
import { LogFeed } from '../../web/log-feed.ts';
import type { RunningWeb } from '../../web/web-server.ts';
import { CommandError } from '../command-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { configFolder, defaultSecurityFolder } from '../files/folders.ts';
import { newToken } from '../files/new-token.ts';
import { checkSecurityFolder } from '../files/security-place.ts';
import { DEFAULT_STORE, prepareStore, storeText } from '../files/store-location.ts';
import { leaveToken, ownToken, tokenOfEnvironment } from '../files/token-file.ts';
import { DEFAULT_CONTROL_PORT } from '../flags/connection-flags.ts';
import { flag, listenAddress, type OutToFlag, outToFlag, portNumber } from '../flags/flags.ts';
import { addLogFlags, createLog } from '../flags/log-flags.ts';
import { addProcessFlags, checkProcessFlags, type ProcessFlags } from '../flags/process-flags.ts';
import { addWebFlags, checkWebFlags, type WebFlags } from '../flags/web-flags.ts';
import type { Output } from '../output.ts';
import { bundleStore, ownFiles } from '../processes/bundle-store.ts';
import { announce } from '../processes/child.ts';
import { abortOf, type EndReason, endInTime, type Lifetime, withLifetime } from '../processes/lifetime.ts';
import { containPlugins } from '../processes/plugin-faults.ts';
import type { WebParts } from '../web/serve.ts';
import { securityFlag } from './control-security.ts';

interface ControlFlags extends ProcessFlags, WebFlags {
  readonly metrics?: string;
  readonly host: string;
  readonly port: number;
  readonly store: string;
  readonly security?: string;
  readonly tokenFile?: string;
  readonly outTo?: readonly OutToFlag[];
}

export function addControl(command: Command, run: (flags: ControlFlags) => Promise<void>): void {
  addLogFlags(command)
    .description('start the control plane, which agents join and which runs and stores tests')
    .addOption(flag('--host <address>', 'address to listen on').default('127.0.0.1'))
    .addOption(
      flag('-p, --port <number>', 'port to listen on; 0 takes a free one')
        .default(DEFAULT_CONTROL_PORT)
        .argParser(portNumber),
    )
    .addOption(
      flag(
        '--store <file|url>',
        'where runs are stored: a SQLite file, or mysql://user:password@host:port/database',
      ).default(DEFAULT_STORE),
    )
    .addOption(securityFlag())
    .addOption(
      flag(
        '--token-file <file>',
        "without TLS: file with the token that callers must have; made when it is missing (default: a new token, which the same user's commands find)",
      ),
    )
    .addOption(
      flag(
        '--metrics <host:port>',
        "serve control's own metrics and the figures of its runs at this address, for Prometheus; port 0 takes a free one",
      ).argParser(listenAddress),
    )
    .addOption(outToFlag('output that the figures of every run go to while it goes on'));
  addWebFlags(command);
  addProcessFlags(command)
    .addHelpText(
      'after',
      `
Examples:
  bench control                                  on 127.0.0.1:7070
  bench agent --control 127.0.0.1:7070           in another terminal for each agent
  bench run plan.yaml --control 127.0.0.1:7070 --expect-agents 3
  bench control --web 127.0.0.1:8089 --plans plans   start and watch runs over HTTP, too

For agents on other hosts:
  bench control init --host control.example      once, to make certificates
  bench control --host control.example
  bench control invite                           prints the command that starts an agent elsewhere`,
    )
    .action(run);
}

export async function runControl(flags: ControlFlags, output: Output): Promise<ExitCode> {
  if (flags.child !== true) refuseDeno();
  const { startControl } = await import('../../control/server.ts');
  const { loadDriver, loadMonitor, loadOutput, loadShape, loadUser } = await import('../../../plugins/loader/load.ts');
  await checkWebFlags(flags);
  await checkProcessFlags(flags);
  const { host, port } = flags;
  const security = flags.security ?? (isLoopback(host) ? undefined : madeSecurity());
  if (security !== undefined) await checkSecurityFolder(security);
  const store = await prepareStore(flags.store);
  const never = [configFolder(), ...(security === undefined ? [] : [security])];
  const secrets = {
    below: security === undefined ? undefined : [flags.secretsFolder],
    never,
    variablePrefix: flags.secrets,
  };
  // Whoever has the token of a control without TLS is the user who started it; what comes over HTTP is judged by SenderRights.
  limitOwnFiles({ which: security === undefined ? 'any' : ownFiles([flags.files, flags.plans]), never });
  const outputs = flags.outTo && (await (await import('../plugins/load-plugin.ts')).controlOutputs(flags.outTo));
  const logFeed = new LogFeed(systemClock);
  const log = logFeed.besides(await createLog(flags, output));
  containPlugins(log);
  return withLifetime(flags.child === true, async (lifetime) => {
    const loaders = { loadDriver, loadMonitor, loadOutput, loadShape, loadUser, callPlugin: callInTime(systemClock) };
    const access =
      security === undefined ? await Promise.race([localAccess(flags, lifetime), lifetime.ending]) : { security };
    if (typeof access === 'string') return endedEarly(access, store);
    let web: RunningWeb | undefined;
    try {
      const bundles = bundleStore(flags);
      const starting = startControl({
        listen: { host, port, hasWeb: flags.web !== undefined },
        store,
        access,
        isPrivate: flags.child === true,
        loaders,
        files: { secrets, bundles },
        outputs,
        metrics: flags.metrics === undefined ? undefined : placeOf(flags.metrics),
        log,
      });
      const control = await Promise.race([starting, abortOf(lifetime.signal)]);
      if (control === undefined) return endedEarly(await lifetime.ending, store);
      const { metricsUrl } = control;
      if (metricsUrl !== undefined) log(`metrics are at ${metricsUrl}`);
      web = await servedWeb(flags, { control, security, bundles, logFeed, log });
      if (flags.child) announce({ ready: 'control', at: control.address, ...(web && { web: web.url }) });
      else {
        if (web) {
          const url = await namedUrl(web.url, security);
          output.line(`The live page is at ${url}, the HTTP API at ${url}api/v1.`);
        }
        output.line(
          `Control on ${control.address}${security === undefined ? '' : ' (TLS)'}, runs are stored in ${storeText(flags.store)}. Ctrl-C ends it.`,
        );
      }
      const reason = await lifetime.ending;
      const why = reason === 'interrupted' ? 'Ctrl-C in control' : 'control was stopped';
      const grace = { graceMs: flags.grace / 1000, hurry: () => void control.stop(why).catch(() => {}) };
      if (!(await endInTime(control.stop(why), lifetime.forced, grace))) {
        throw new CommandError(
          store === ':memory:'
            ? 'Control ended before its run did, and what was measured is lost with its store.'
            : 'Control ended before its run did: start it again on the same store to go on with the run.',
        );
      }
      log('Control ended.');
      return reason === 'interrupted' ? EXIT.aborted : EXIT.pass;
    } finally {
      await web?.close();
      if ('remove' in access) await access.remove();
    }
  });
}

/** The page of a run's own control must not keep the run from taking place. */
async function servedWeb(
  flags: ControlFlags,
  parts: Omit<WebParts, 'variablePrefix'>,
): Promise<RunningWeb | undefined> {
  if (flags.web === undefined) return undefined;
  const { serveControlWeb } = await import('../web/serve.ts');
  const isChild = flags.child === true;
  try {
    return await serveControlWeb(flags.web, flags, {
      ...parts,
      bundles: isChild ? undefined : parts.bundles,
      variablePrefix: flags.secrets,
    });
  } catch (error) {
    if (isChild) {
      parts.log(`${errorMessage(error)}; the run goes on without its page`, { level: 'warn' });
      return undefined;
    }
    await parts.control.stop('control could not serve its page');
    throw error;
  }
}

/** Whoever listens on all addresses is reached by the name in the certificate. */
async function namedUrl(url: string, security: string | undefined): Promise<string> {
  const { host, port } = new URL(url);
  if (security === undefined || !/^(?:0\.0\.0\.0|\[::\])(?::|$)/.test(host)) return url;
  const { invitingControl } = await import('../../control/security/security-folder.ts');
  return `https://${(await invitingControl(security)).host}:${port}/`;
}

/** One run's private control has been tried on Deno; many agents for hours have not, and its HTTP/2 server has failed under load. */
function refuseDeno(): void {
  if (!('Deno' in globalThis)) return;
  throw new CommandError(
    "Control for others does not run on Deno, because Deno's HTTP/2 server has failed under load: start `bench control` with Node or Bun; agents and runs on Deno can use it with --control host:port.",
    EXIT.error,
  );
}

/** The token of a control without TLS: from its parent, from the user, or a new one that commands of the same user find. */
async function localAccess(
  { tokenStdin, tokenFile }: ControlFlags,
  lifetime: Lifetime,
): Promise<LocalAccess & { remove(): Promise<void> }> {
  let remove = async () => {};
  const given = tokenStdin
    ? await lifetime.token
    : tokenFile === undefined
      ? tokenOfEnvironment()
      : await ownToken(tokenFile);
  if (given !== undefined) return { token: given, remove };
  const token = newToken();
  const publish = async (address: string) => {
    remove = await leaveToken(address, token);
  };
  return { token, publish, remove: () => remove() };
}

/** The store is left as it is, as if control had been killed. */
function endedEarly(reason: EndReason, store: string): never {
  const again = ' the runs of its store: start it again on the same store to go on with them.';
  throw new CommandError(
    store === ':memory:'
      ? 'Control was stopped before it had started.'
      : `Control was stopped before it had loaded${again}`,
    reason === 'interrupted' ? EXIT.aborted : EXIT.error,
  );
}

/** Undefined before `bench control init`; control then says what to do. */
function madeSecurity(): string | undefined {
  const folder = defaultSecurityFolder();
  return existsSync(folder) ? folder : undefined;
}
