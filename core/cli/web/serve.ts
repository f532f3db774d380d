import { resolve } from 'node:path';
import { placeOf } from '../../../proto/address.ts';
import { pageFiles } from '../../../reports/live/page-files.ts';
import type { BundleStore } from '../../bundle/open-bundle.ts';
import { type Clock, systemClock } from '../../clock.ts';
import type { RunningControl } from '../../control/server.ts';
import type { Log } from '../../log.ts';
import type { LogFeed } from '../../web/log-feed.ts';
import { type RunningWeb, serveWeb } from '../../web/web-server.ts';
import type { WebFlags } from '../flags/web-flags.ts';
import { FolderPlanProvider } from './plan-provider.ts';
import { BuiltinReportProvider } from './report-provider.ts';

export interface WebParts {
  readonly control: RunningControl;
  /** Control's security folder. */
  readonly security: string | undefined;
  /** Undefined where no runs may be started from the page. */
  readonly bundles: BundleStore | undefined;
  /** Which variables plans may name that are sent: those whose names begin so. */
  readonly variablePrefix: string | undefined;
  readonly logFeed: LogFeed;
  readonly log: Log;
  readonly clock?: Clock;
}

/** Serves the page and the HTTP API of a control. @throws {ControlError} when the address cannot be listened on */
export async function serveControlWeb(
  address: string,
  { webOrigin: origins = [], plans }: WebFlags,
  { control, security: folder, bundles, variablePrefix, logFeed, log, clock = systemClock }: WebParts,
): Promise<RunningWeb> {
  const { core, security } = control;
  const planFolder = plans === undefined ? undefined : resolve(plans);
  return serveWeb({
    control: core,
    listen: placeOf(address),
    security: security && folder !== undefined ? { folder, server: security } : undefined,
    origins,
    plans: bundles && new FolderPlanProvider({ folder: planFolder, cache: bundles.cache, variablePrefix }),
    reports: new BuiltinReportProvider(),
    page: await pageFiles(),
    logFeed,
    clock,
    log,
  });
}
