import type { BundleStore } from '../../bundle/open-bundle.ts';
import type { SecretFiles } from '../../secret-files.ts';

/** What control does with files of this host for plans. */
export interface HostFiles {
  /** Which ones plans may name as secrets. */
  readonly secrets: SecretFiles;
  /** Where what is sent with runs is kept; undefined: nothing is sent, and what plans name lies on this host. */
  readonly bundles?: BundleStore | undefined;
}
