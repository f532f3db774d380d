import type { SecretFiles } from '../secret-files.ts';
import type { BundleStore } from './open-bundle.ts';

/** What a process that takes plans from other people, control or an agent, does with files of its host for them. */
export interface HostFiles {
  /** Which ones plans may name as secrets. */
  readonly secrets: SecretFiles;
  /** Where what is sent with runs is kept; undefined: nothing is sent, and what plans name lies on this host. */
  readonly bundles?: BundleStore | undefined;
}
