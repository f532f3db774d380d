import { addressOf } from '../../proto/address.ts';
import type { Clock } from '../clock.ts';
import { ControlError } from '../control/listener.ts';
import { isLoopback } from '../control/security/loopback.ts';
import { isOwnHost } from '../control/security/own-host.ts';
import type { ServerSecurity } from '../control/security/security-folder.ts';
import type { Log } from '../log.ts';
import { openApiText } from './api/openapi.ts';
import { loopbackAccess, type WebAccess } from './gate/access.ts';
import { certificateHosts } from './gate/host-names.ts';
import { securityHeaders } from './gate/origin.ts';
import { TokenAccess } from './gate/token-access.ts';
import { Comparisons } from './handlers/comparison.ts';
import {
  agentCounts,
  checkPlan,
  listAgents,
  listPlans,
  logIn,
  logOut,
  logStream,
  showInfo,
  showSession,
} from './handlers/control-info.ts';
import { EndedRuns } from './handlers/ended-runs.ts';
import { InterimRuns } from './handlers/interim-runs.ts';
import { changeLoad, changeRun, cleanUp, deleteRun, RunStarts, stopRun } from './handlers/run-changes.ts';
import {
  listReports,
  showFailures,
  showPlan,
  showReport,
  showResult,
  showRunAgents,
  showTimeline,
  showView,
} from './handlers/run-details.ts';
import { endingOf, runEventStream } from './handlers/run-events-stream.ts';
import { listRuns, shownRun, showRun } from './handlers/run-list.ts';
import type { WebServices } from './handlers/services.ts';
import type { LogFeed } from './log-feed.ts';
import { Page } from './page.ts';
import type { PageFile } from './page-file.ts';
import type { PlanProvider, ReportProvider } from './providers.ts';
import { type Handlers, Router } from './router.ts';
import { OpenStreams } from './stream/open-streams.ts';
import { PageStream } from './stream/page-stream.ts';
import { RunStreams } from './stream/run-streams.ts';
import { listenForWeb } from './web-listener.ts';

export interface WebOptions {
  readonly control: WebServices['control'];
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Needed off loopback: what control serves TLS with, and its folder. */
  readonly security?: { readonly folder: string; readonly server: ServerSecurity } | undefined;
  /** Origins of other servers whose pages may call this one, and show it in a frame. */
  readonly origins?: readonly string[];
  /** Undefined where no runs may be started. */
  readonly plans: PlanProvider | undefined;
  readonly reports: ReportProvider;
  /** None where there is only the API. */
  readonly page?: readonly PageFile[];
  readonly logFeed: LogFeed;
  readonly clock: Clock;
  readonly log: Log;
}

export interface RunningWeb {
  /** Such as `http://127.0.0.1:8089/`. */
  readonly url: string;
  /** Ends all streams and connections. */
  close(): Promise<void>;
}

/**
 * Serves the HTTP API of a control, and its page.
 * @throws {ControlError} when the address cannot be listened on, or would need TLS that there is none for
 */
export async function serveWeb(options: WebOptions): Promise<RunningWeb> {
  const { control, listen, origins = [], reports, clock, log } = options;
  const isLocal = isLoopback(listen.host);
  const { access, security } = isLocal ? { access: loopbackAccess, security: undefined } : secured(options);
  const headers = securityHeaders(origins);
  const page = new Page(options.page ?? [], headers);
  const streams = new OpenStreams(clock);
  const runStreams = new RunStreams({ control, clock, ending: (run) => endingOf(run, reports.formats) });
  const pageStream = new PageStream({ control, clock, shownRun, agentCounts: () => agentCounts(control) });
  const ended = new EndedRuns(control.runs, reports);
  const interim = new InterimRuns(clock);
  const { plans, logFeed } = options;
  const services: WebServices = { control, clock, access, plans, reports, ended, interim, runStreams, log: logFeed };
  const router = new Router({
    handlers: handlersOf(services, pageStream),
    access,
    isOwnHost: security === undefined ? isOwnHost : certificateHosts(security.server.certificate),
    origin: { scheme: isLocal ? 'http' : 'https', allowed: origins },
    streams,
    clock,
    log,
    page: (path, request, response) => page.serve(path, request, response),
    headers,
  });
  const listener = await listenForWeb(listen, security?.server, (request, response) => {
    void router.serve(request, response);
  });
  return {
    url: `${isLocal ? 'http' : 'https'}://${addressOf(listen.host, listener.port)}/`,
    async close() {
      pageStream.close();
      runStreams.close();
      streams.close();
      await listener.close();
    },
  };
}

/** @throws {ControlError} */
function secured({ listen, security, clock }: WebOptions): { access: WebAccess; security: ServerSecurity } {
  const start = `--web: control serves the page on ${listen.host} only with TLS`;
  if (security === undefined) {
    throw new ControlError(`${start}: make certificates with \`bench control init\`, or give an address of loopback`);
  }
  const { invitations } = security.server;
  if (invitations === undefined) {
    throw new ControlError(`${start} of its own, because nobody can be invited with certificates from elsewhere`);
  }
  return { access: new TokenAccess(security.folder, invitations.book, clock), security: security.server };
}

/** Queries and bodies were checked by the schemas of their routes, which the types of the handlers repeat. */
function handlersOf(services: WebServices, pageStream: PageStream): Handlers {
  const starts = new RunStarts(services);
  const comparisons = new Comparisons(services);
  const on =
    (handler: (asked: never, services: WebServices) => ReturnType<Handlers[keyof Handlers]>) =>
    (asked: Parameters<Handlers[keyof Handlers]>[0]) =>
      handler(asked as never, services);
  return {
    health: () => ({ json: { ok: true } }),
    openapi: () => ({ content: openApiText(), type: 'application/json; charset=utf-8' }),
    session: on(showSession),
    logIn: on(logIn),
    logOut: on(logOut),
    info: on(showInfo),
    plans: on(listPlans),
    checkPlan: on(checkPlan),
    agents: on(listAgents),
    pageEvents: () => ({ events: (client) => pageStream.attach(client) }),
    log: on(logStream),
    runs: on(listRuns),
    startRun: (asked) => starts.start(asked as never),
    run: on(showRun),
    changeRun: on(changeRun),
    deleteRun: on(deleteRun),
    runPlan: on(showPlan),
    runFailures: on(showFailures),
    runAgents: on(showRunAgents),
    runTimeline: on(showTimeline),
    runResult: on(showResult),
    runView: on(showView),
    runReports: on(listReports),
    runReport: on(showReport),
    runEvents: on(runEventStream),
    comparison: (asked) => comparisons.show(asked as never),
    comparisonView: (asked) => comparisons.showView(asked as never),
    comparisonReport: (asked) => comparisons.showReport(asked as never),
    stopRun: on(stopRun),
    changeLoad: on(changeLoad),
    cleanUp: on(cleanUp),
  };
}
