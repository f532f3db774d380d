import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** Where certificates and keys are kept, as the XDG base directory specification has it; never in a working folder. */
export function configFolder(): string {
  return join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'bench');
}

/** Control's own. */
export function defaultSecurityFolder(): string {
  return join(configFolder(), 'control');
}

/** A client's, for one control and one role. @param address `host:port` */
export function credentialsFolder(address: string, role: string): string {
  return join(configFolder(), 'credentials', address.replaceAll(/[^a-zA-Z0-9.-]+/g, '_'), role);
}
