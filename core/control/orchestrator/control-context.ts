import type { HostFiles } from '../../bundle/host-files.ts';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { AgentRegistry } from '../agents/agent-registry.ts';
import type { ControlOutput } from '../outputs/run-outputs.ts';
import type { RunStore } from '../store/run-store.ts';
import type { MetricsSink } from '../telemetry/metrics-sink.ts';

/** What all runs of one control process share. */
export interface ControlContext {
  readonly registry: AgentRegistry;
  readonly store: RunStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: MetricsSink | undefined;
  readonly files: HostFiles;
  /** Outputs that all runs have, beside those of their plans. */
  readonly outputs: readonly ControlOutput[];
  /** Control's own `host:port`, for the commands that error messages advise. */
  readonly address: () => string;
  /** Whether its runs end with this process, and no other control goes on with them. */
  readonly isPrivate: boolean;
}
