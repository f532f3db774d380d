import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { checkGivenFolder } from '../files/given-folder.ts';
import { durationUs, flag, pluginHashes } from './flags.ts';
import type { LogFlags } from './log-flags.ts';

/** Flags of control and agents: processes that other people's plans come to, and that run until they are told to end. */
export interface ProcessFlags extends LogFlags {
  readonly secrets?: string;
  readonly secretsFolder: string;
  readonly files?: string;
  readonly cache?: string;
  /** False with `--no-remote-code`. */
  readonly remoteCode: boolean;
  readonly allowPlugin?: readonly string[];
  /** Microseconds. */
  readonly grace: number;
  readonly child?: boolean;
  /** For a child, whose parent sends the token on stdin. */
  readonly tokenStdin?: boolean;
}

/** Where `${file:path}` of plans may lead in a process that takes plans from other people. */
const DEFAULT_SECRETS_FOLDER = '/run/secrets';
/** Kubernetes gives a process 30 s after SIGTERM. Within that time operations have to be aborted and results stored. */
const DEFAULT_GRACE_US = 20e6;

export function addProcessFlags(command: Command): Command {
  return command
    .addOption(flag('--secrets <prefix>', 'plans may name only variables that begin so as secrets (default: any)'))
    .addOption(
      flag('--secrets-folder <folder>', 'with TLS: the only folder whose files plans may name as secrets').default(
        DEFAULT_SECRETS_FOLDER,
      ),
    )
    .addOption(
      flag(
        '--files <folder>',
        'a folder of this host whose files plans may name too, beside those that are sent with a run (default: none)',
      ),
    )
    .addOption(
      flag('--cache <folder>', 'where what is sent with runs is kept, at most 2 GiB (default: ~/.cache/bench)'),
    )
    .addOption(
      flag('--no-remote-code', 'take no plugins and scripts that are sent with a run: only those that are built in'),
    )
    .addOption(
      flag(
        '--allow-plugin <sha256>',
        'with --no-remote-code: take the plugin or script with this hash; repeatable',
      ).argParser(pluginHashes),
    )
    .addOption(
      flag('--grace <time>', 'when stopped: how long operations may take to end before they are aborted')
        .argParser(durationUs)
        .default(DEFAULT_GRACE_US, '20s'),
    )
    .addOption(childFlag())
    .addOption(new Option('--token-stdin').hideHelp());
}

/** @throws {CommandError} for a folder that cannot be used. That of secrets may be missing: units of systemd name it, used or not. */
export async function checkProcessFlags({ files, secretsFolder, cache }: ProcessFlags): Promise<void> {
  if (files !== undefined) await checkGivenFolder('--files', files, 'open');
  if (secretsFolder !== DEFAULT_SECRETS_FOLDER && existsSync(secretsFolder))
    await checkGivenFolder('--secrets-folder', secretsFolder, 'open');
  if (cache !== undefined) await checkGivenFolder('--cache', cache, 'make');
}

/** For a process that another `bench` process starts: it announces itself as JSON on stdout, and ends when its stdin ends. */
export function childFlag(): Option {
  return new Option('--child').hideHelp();
}
