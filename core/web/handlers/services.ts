import type { ServerStreamingContext } from '../../../proto/rpc/rpc-server.ts';
import type { Clock } from '../../clock.ts';
import type { ControlCore } from '../../control/control-plane.ts';
import type { Asked } from '../exchange.ts';
import type { WebAccess } from '../gate/access.ts';
import type { LogFeed } from '../log-feed.ts';
import type { PlanProvider, ReportProvider } from '../providers.ts';
import type { RunStreams } from '../stream/run-streams.ts';
import type { EndedRuns } from './ended-runs.ts';
import type { InterimRuns } from './interim-runs.ts';

/** What handlers work with. */
export interface WebServices {
  readonly control: Pick<ControlCore, 'runs' | 'observed' | 'watchRuns' | 'watchAgents' | 'stateCounts'>;
  readonly clock: Clock;
  readonly access: WebAccess;
  readonly plans: PlanProvider | undefined;
  readonly reports: ReportProvider;
  readonly ended: EndedRuns;
  readonly interim: InterimRuns;
  readonly runStreams: RunStreams;
  readonly log: LogFeed;
}

/** How a handler calls what gRPC callers call. */
export function callOf({ signal, address, caller }: Asked): ServerStreamingContext {
  return { signal, peer: address, certificate: caller.session ?? '', cutOff: () => {} };
}
