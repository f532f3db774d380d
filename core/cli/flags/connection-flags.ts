import type { Command } from 'commander';
import { commandLine } from '../command-line.ts';
import { DEFAULT_STORE } from '../files/store-location.ts';
import { address, credentialsFlag, flag, refuseUnused, tokenFileFlag } from './flags.ts';

/** Where `bench control` listens by default. */
export const DEFAULT_CONTROL_PORT = 7070;

/** The control of this host. */
export const DEFAULT_CONTROL = `127.0.0.1:${DEFAULT_CONTROL_PORT}`;

/** Which control a command talks to, and what it shows to it. */
export interface ConnectionFlags {
  readonly control: string;
  readonly credentials?: string;
  readonly tokenFile?: string;
}

/** For commands that need a control that is running. */
export function addConnectionFlags(command: Command): Command {
  return command
    .addOption(flag('--control <host:port>', 'the control to ask').default(DEFAULT_CONTROL).argParser(address))
    .addOption(credentialsFlag())
    .addOption(tokenFileFlag());
}

/** As {@link ConnectionFlags}, for commands about one run, which find its control by themselves on this host. */
export type RunConnectionFlags = Omit<ConnectionFlags, 'control'> & { readonly control?: string };

/** For commands about a run that is going on. */
export function addRunConnectionFlags(command: Command): Command {
  return command
    .addOption(
      flag(
        '--control <host:port>',
        `the control of the run (default: found on this host, else ${DEFAULT_CONTROL})`,
      ).argParser(address),
    )
    .addOption(credentialsFlag())
    .addOption(tokenFileFlag());
}

/** Where stored runs are looked up: in a control that is running, or else in a store. */
export interface StoreFlags {
  readonly control?: string;
  readonly credentials?: string;
  readonly tokenFile?: string;
  readonly store: string;
}

/** A command about a stored run, for whoever is to type it. @param words without `bench` */
export function storeCommand(
  words: readonly string[],
  { control, store }: { readonly control?: string | undefined; readonly store: string },
): string {
  const place = store === DEFAULT_STORE ? [] : ['--store', store];
  return commandLine([...words, ...(control === undefined ? place : ['--control', control])]);
}

/** For commands that read stored runs. */
export function addStoreFlags(command: Command): Command {
  return command
    .addOption(flag('--control <host:port>', 'read the runs of this control, instead of a store').argParser(address))
    .addOption(credentialsFlag())
    .addOption(tokenFileFlag())
    .addOption(flag('--store <file|url>', 'the store to read, without --control').default(DEFAULT_STORE));
}

/** Refuses flags of {@link addStoreFlags} that would be ignored. @throws {CommandError} */
export function refuseUnusedStoreFlags({ control }: StoreFlags, command: Command): void {
  if (control === undefined) refuseUnused(command, 'credentials', 'is for a control: add --control host:port.');
  else refuseUnused(command, 'store', 'cannot be used with --control: that control reads its own store.');
}
