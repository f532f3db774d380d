import type { Command } from 'commander';
import { address, credentialsFlag, flag } from './flags.ts';

/** For commands that are about what goes on at a control. */
export interface ControlledFlags {
  readonly control: string;
  readonly credentials?: string;
}

export function addControlFlags(command: Command): Command {
  return command
    .addOption(flag('--control <host:port>', 'the control to ask').default('127.0.0.1:7070').argParser(address))
    .addOption(credentialsFlag());
}
