/** All routes of the HTTP API: the router serves them, and the OpenAPI document describes them, from this one table. */
import { z } from 'zod';
import { object, wholeNumber } from '../../plan/fields.ts';
import { mustBe } from '../../plan/messages.ts';
import { isExactNumber } from '../../text/exact-number.ts';
import * as bodies from './bodies.ts';
import { comparisonView, reportView } from './report-view.ts';
import { runState, verdict } from './run-summary.ts';

/** Who may call a route: an operator may what a viewer may. */
export type RouteRole = 'anyone' | 'viewer' | 'operator';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`; `{id}` stands for a part without a slash. */
  readonly path: string;
  readonly role: RouteRole;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** What a good answer holds: JSON, server-sent events, a file, or nothing. */
  readonly answer: z.ZodType | 'events' | 'file' | 'nothing';
  /** The status of the answer when all went well. */
  readonly status: number;
}

/** Queries are texts. One that is no number stays as it is, so that the message shows what was sent. */
const inQuery = <Schema extends z.ZodType>(number: Schema) =>
  z.preprocess(
    (text) => (typeof text === 'string' && /\d/.test(text) && isExactNumber(text) ? Number(text) : text),
    number,
  );
const whole = (least: number, most: number) => inQuery(wholeNumber(least, most));
const shareError = ({ input }: { input?: unknown }) => mustBe('a share from 0 to 1, such as 0.05', input);
const share = inQuery(z.number({ error: shareError }).min(0, { error: shareError }).max(1, { error: shareError }));
const paged = {
  after: z.string().max(200).optional().describe('What the answer before gave as `after`.'),
  limit: whole(1, 500).default(50).describe('Default: 50.'),
};
const list = z
  .string()
  .max(20_000)
  .regex(/^(all|\d+(,\d+)*)$/, 'must be `all` or whole numbers with commas between them');

export const runsQuery = object({
  ...paged,
  q: z.string().max(200).optional().describe('Part of the name, the note, a tag or the id.'),
  state: runState.optional(),
  verdict: verdict.exclude(['']).optional(),
  tag: z.string().max(50).optional().describe('The whole of one of its tags.'),
});
export const agentsQuery = object(paged);
export const timelineQuery = object({
  from: whole(0, 1e9).default(0).describe('First second. Default: 0.'),
  to: whole(0, 1e9).optional().describe('Last second, included. Default: the last one there is.'),
  step: whole(1, 86_400)
    .optional()
    .describe('Seconds of each entry, 3,600 of them at most. Default: so that there are at most 600.'),
  operations: list.optional().describe('Whose columns are wanted, as indices in `hello.operations`; or `all`.'),
  journeys: list.optional(),
});
const inLanguage = { lang: z.enum(['en', 'zh-CN']).default('en') };
export const viewQuery = object(inLanguage);
const switchedOn = () => z.stringbool({ truthy: ['true'], falsy: ['false'] }).default(false);
export const deletionQuery = object({
  force: switchedOn().describe('Also when what its drivers made may still be there, and can never be removed.'),
});
const names = z
  .string()
  .max(2000)
  .regex(/^[^,]+(,[^,]+)*$/, 'must be ids with commas between them');
export const compareQuery = object({
  ...inLanguage,
  runs: names.describe('Ids of runs that have ended. Without `baseline` two: the one before and the one after.'),
  baseline: names.optional().describe('The runs before: ids, or names of baselines. All `runs` are then from after.'),
  tolerance: share
    .default(0)
    .describe('The smallest change that matters, as a share; more failures always do. Default: 0.'),
  force: switchedOn().describe('Compares runs that offered different loads, or whose measurement cannot be trusted.'),
});
const partly = {
  partial: switchedOn().describe(
    'Also of a run that goes on: what it has measured until now, which every report then says of itself.',
  ),
};
export const reportsQuery = object(partly);
export const reportQuery = object({
  ...inLanguage,
  ...partly,
  file: z.string().max(200).optional().describe('Which file, of a report that has several. Default: the first.'),
});

export const routes = {
  health: get('/healthz', 'anyone', 'Whether the server answers', z.object({ ok: z.literal(true) })),
  openapi: get('/openapi.json', 'anyone', 'This document', z.unknown()),
  session: get('/session', 'anyone', 'Who is logged in', bodies.session),
  logIn: post('/session', 'anyone', 'Log in with the token of an invitation', bodies.sessionRequest, bodies.session),
  logOut: { method: 'DELETE', path: '/session', role: 'anyone', summary: 'Log out', answer: 'nothing', status: 204 },
  info: get('/info', 'viewer', 'What this control is and can do', bodies.info),
  plans: get('/plans', 'viewer', 'Plans in the folder of plans', bodies.plans),
  checkPlan: post('/plans/check', 'operator', 'Check a plan', bodies.planCheckRequest, bodies.planCheck),
  agents: { ...get('/agents', 'viewer', 'Agents that have joined', bodies.agentList), query: agentsQuery },
  pageEvents: get('/events', 'viewer', 'Runs and agents that come, change and go', 'events'),
  log: get('/log', 'operator', 'The log of control', 'events'),
  runs: { ...get('/runs', 'viewer', 'Runs, the newest first, of the newest 1,000', bodies.runList), query: runsQuery },
  startRun: {
    ...post('/runs', 'operator', 'Start a run, or let it wait for the one before', bodies.startRequest, bodies.started),
    status: 201,
  },
  run: get('/runs/{id}', 'viewer', 'A run', bodies.run),
  changeRun: {
    method: 'PATCH',
    path: '/runs/{id}',
    role: 'operator',
    summary: 'Change the note and the tags of a run',
    body: bodies.runChange,
    answer: bodies.run,
    status: 200,
  },
  deleteRun: {
    method: 'DELETE',
    path: '/runs/{id}',
    role: 'operator',
    summary: 'Delete a run that has ended, with its result',
    query: deletionQuery,
    answer: 'nothing',
    status: 204,
  },
  runPlan: get('/runs/{id}/plan', 'viewer', 'The plan of a run, as it was run', bodies.runPlan),
  runFailures: get('/runs/{id}/failures', 'viewer', 'Failures by kind, with the first in full', bodies.failures),
  runAgents: { ...get('/runs/{id}/agents', 'viewer', 'Agents of a run', bodies.runAgents), query: agentsQuery },
  runTimeline: {
    ...get('/runs/{id}/timeline', 'viewer', 'A run second by second', bodies.timeline),
    query: timelineQuery,
  },
  runResult: get('/runs/{id}/result', 'viewer', 'Everything that was measured, as `--report json` has it', 'file'),
  runView: {
    ...get('/runs/{id}/view', 'viewer', 'What the reports show, as rows and sentences', reportView),
    query: viewQuery,
  },
  runReports: {
    ...get('/runs/{id}/reports', 'viewer', 'Reports of a run and their files', bodies.reportList),
    query: reportsQuery,
  },
  runReport: { ...get('/runs/{id}/reports/{format}', 'viewer', 'A file of a report', 'file'), query: reportQuery },
  runEvents: get('/runs/{id}/events', 'viewer', 'What happens in a run, as it happens', 'events'),
  comparison: {
    ...get(
      '/compare',
      'viewer',
      'What became better between runs of a plan, what worse, and how sure that is',
      bodies.comparison,
    ),
    query: compareQuery,
  },
  /** Before the formats: it has the place of one. */
  comparisonView: {
    ...get('/compare/view', 'viewer', 'What the reports of a comparison show, as rows and sentences', comparisonView),
    query: compareQuery,
  },
  comparisonReport: {
    ...get('/compare/{format}', 'viewer', 'A comparison of runs as a document', 'file'),
    query: compareQuery,
  },
  stopRun: {
    ...post('/runs/{id}/stop', 'operator', 'Stop a run', bodies.stopRequest, bodies.nothing),
    status: 202,
  },
  changeLoad: post('/runs/{id}/load', 'operator', 'Change the load of a run', bodies.loadRequest, bodies.loadAnswer),
  cleanUp: post('/runs/{id}/cleanup', 'operator', 'Remove what an ended run has left', bodies.nothing, bodies.cleanup),
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;

function get<Answer extends Route['answer']>(path: string, role: RouteRole, summary: string, answer: Answer) {
  return { method: 'GET', path, role, summary, answer, status: 200 } as const;
}

function post<Body extends z.ZodType, Answer extends z.ZodType>(
  path: string,
  role: RouteRole,
  summary: string,
  body: Body,
  answer: Answer,
) {
  return { method: 'POST', path, role, summary, body, answer, status: 200 } as const;
}
