import { type Command, InvalidArgumentError } from 'commander';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { checkGivenFolder } from '../files/given-folder.ts';
import { flag, listenAddress, repeatable } from './flags.ts';

/** Flags of the page and the HTTP API of a control. */
export interface WebFlags {
  /** `host:port` */
  readonly web?: string;
  /** Such as `https://platform.example`. */
  readonly webOrigin?: readonly string[];
  /** A folder. */
  readonly plans?: string;
}

export function addWebFlags(command: Command): Command {
  return command
    .addOption(
      flag(
        '--web <host:port>',
        'serve the live page and the HTTP API, by which runs are started and watched, at this address; port 0 takes a free one',
      ).argParser(listenAddress),
    )
    .addOption(flag('--plans <folder>', 'with --web: the folder of plans that can be started there'))
    .addOption(
      flag(
        '--web-origin <origin>',
        'with --web: another server whose pages may call the API, such as https://platform.example; repeatable',
      ).argParser(origins),
    );
}

const origins = repeatable((text: string, before: readonly string[] = []): readonly string[] => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.origin === text.trim().toLowerCase() && /^https?:$/.test(url.protocol)) return [...before, url.origin];
  throw new InvalidArgumentError('It must be a scheme and a host, without a path, such as https://platform.example.');
});

/** @throws {CommandError} when a flag of the page makes no sense */
export async function checkWebFlags({ web, webOrigin, plans }: WebFlags): Promise<void> {
  for (const [name, value] of Object.entries({ '--web-origin': webOrigin, '--plans': plans })) {
    if (value !== undefined && web === undefined) {
      throw new CommandError(`${name} is for the page and the HTTP API: add --web host:port.`, EXIT.invalidInput);
    }
  }
  if (plans !== undefined) await checkGivenFolder('--plans', plans, 'list');
}
