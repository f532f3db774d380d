import type { BundleStore } from '../../bundle/open-bundle.ts';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { SecretFiles } from '../../secret-files.ts';
import type { AgentRegistry } from '../agents/agent-registry.ts';
import type { RunStore } from '../store/run-store.ts';
import type { MetricsSink } from '../telemetry/metrics-sink.ts';

/** What all runs of one control process share. */
export interface ControlContext {
  readonly registry: AgentRegistry;
  readonly store: RunStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: MetricsSink | undefined;
  /** Which files plans may name as secrets. */
  readonly secretFiles: SecretFiles;
  /** Where what is sent with runs is kept; undefined where plans lie on this host. */
  readonly bundles?: BundleStore | undefined;
  /** Control's own `host:port`, for the commands that error messages advise. */
  readonly address: () => string;
  /** Whether its runs end with this process, and no other control goes on with them. */
  readonly isPrivate: boolean;
}
