import { Document, isMap, isNode, Scalar, visit } from 'yaml';
import type { PlanSource } from '../../plan/schema.ts';
import { formatDuration } from '../../text/duration.ts';
import { isPrintable, printable, printableDocument } from '../../text/printable.ts';
import { formatCount } from '../../verdict/quantity.ts';
import { headersBeside } from './bodies.ts';
import { FreeNames } from './free-names.ts';
import { beginning, parameter } from './plan-text.ts';
import type { SecretValues } from './secret-values.ts';

/** One request in the words of a plan: its texts may hold references, and `$${` is a plain `${`. */
export interface ImportedRequest {
  /** Row of the results table; a number is added where another request has it already. */
  readonly name: string;
  readonly method: string;
  /** Scheme and host, such as `https://shop.test`. */
  readonly origin: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As the driver's option of that name. */
  readonly body?: unknown;
  /** Where another than 200 to 399 is expected, or one of them in particular. */
  readonly status?: number | undefined;
  /** Variables that later requests use. */
  readonly extract?: Readonly<Record<string, { readonly json: string }>>;
  /** Since the one before had ended. */
  readonly pauseUs?: number | undefined;
  /** The page or the folder that the request belongs to, for a comment. */
  readonly page?: string | undefined;
}

/** What has been read from another program's file. */
export interface Import {
  /** Such as `curl`. */
  readonly format: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly requests: readonly ImportedRequest[];
  /** The origin that the plan is for; that of the first request unless said otherwise. */
  readonly target?: string | undefined;
  /** The requests are steps of one user, in their order; otherwise one is drawn after the other. */
  readonly inOrder: boolean;
  /** Requests to other hosts than that of the first request are in the plan as well. */
  readonly keepsOtherHosts: boolean;
  readonly secrets: SecretValues;
  /** Parameters of the plan beside those for the load. */
  readonly params?: PlanSource['params'];
  /** Options of the driver for all requests. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** What the author of the plan should know, one sentence each. */
  readonly notes: readonly string[];
}

export interface ImportedPlan {
  readonly plan: PlanSource;
  /** Lines for the head of the plan. */
  readonly comments: readonly string[];
  /** Comments, by the position of the first step of a page in the flow. */
  readonly pages: ReadonlyMap<number, string>;
}

const SCENARIO = 'users';
export const LOAD_PARAMS = {
  users: { default: 10, description: 'virtual users' },
  duration: { default: '30s', description: 'how long the load lasts' },
};
const MAX_NAME = 80;

/** A plan of these requests. What is left out is told in the comments. */
export function importedPlan(imported: Import): ImportedPlan {
  const { format, name, description, inOrder, secrets, params = {}, options = {}, notes } = imported;
  const target = imported.target ?? imported.requests[0]?.origin ?? '';
  const requests = imported.requests.filter(({ origin }) => origin === target || isKept(origin, imported));
  const { operations, names } = operationsOf(requests, target);
  const { shared, own } = sharedHeaders(operations);
  const { flow, pages } = flowOf(requests, names);
  const load = { executor: 'constant-vus' as const, vus: parameter('users') as never, duration: parameter('duration') };
  const plan: PlanSource = {
    name: nameOf(name),
    ...(description !== undefined && { description }),
    params: { ...LOAD_PARAMS, ...params },
    target,
    drivers: { http: { options: { ...options, ...(shared && { headers: shared }), operations: own } } },
    scenarios: {
      [SCENARIO]: inOrder
        ? { ...load, flow }
        : { ...load, operations: names.map((operation) => ({ driver: 'http', operation, weight: 1 })) },
    },
    thresholds: ['error_rate < 1%'],
  };
  return {
    plan,
    comments: [`From ${format}, by bench import.`, ...needed(secrets), ...notes, ...others(imported, target)],
    pages,
  };
}

/** A name of a plan or a row: quotes and angle brackets would need escaping in reports, and no plan has a name `__proto__`. */
export function nameOf(text: string): string {
  const name = beginning(text.replaceAll(/[<>|"'`\s]+/g, ' ').trim(), MAX_NAME).trim();
  return name === '' || name === '__proto__' ? 'request' : name;
}

/** Headers of which those of one name are one line, as HTTP/1.1 sends them (RFC 9110, 5.3). */
export function oneLineEach(
  headers: Iterable<readonly [name: string, value: string]>,
): [name: string, value: string][] {
  const all = new Map<string, [name: string, value: string]>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const [shown, before] = all.get(key) ?? [name];
    all.set(key, [shown, before === undefined ? value : `${before}${key === 'cookie' ? '; ' : ', '}${value}`]);
  }
  return [...all.values()];
}

function needed({ needed }: SecretValues): string[] {
  if (needed.length === 0) return [];
  const width = needed.reduce((most, { name }) => Math.max(most, name.length), 0);
  return ['Set before a run:', ...needed.map(({ name, place }) => `  ${name.padEnd(width)}  ${place}`)];
}

/** The host of a whole URL must be known before the load, so it cannot be a reference. */
function isKept(origin: string, { keepsOtherHosts }: Import): boolean {
  return keepsOtherHosts && !origin.includes('${');
}

function others(imported: Import, target: string): string[] {
  const counts = new Map<string, number>();
  for (const { origin } of imported.requests) {
    if (origin !== target && !isKept(origin, imported)) counts.set(origin, (counts.get(origin) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const listed = [...counts].map(([origin, count]) => `  ${origin}: ${formatCount(count)}`);
  return [`Requests left out, because they go to other hosts than ${target}:`, ...listed];
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly checks?: { readonly status: number };
  readonly extract?: ImportedRequest['extract'];
}

/** Requests that are equal in all are one operation, and so one row. */
function operationsOf(requests: readonly ImportedRequest[], target: string) {
  const operations: Record<string, Operation> = {};
  const known = new Map<string, string>();
  const taken = new FreeNames();
  const names = requests.map(({ name, method, origin, path, headers, body, status, extract }) => {
    const own = headersBeside(headers, body);
    const operation: Operation = {
      method,
      path: origin === target ? path : `${origin}${path}`,
      ...(Object.keys(own).length > 0 && { headers: own }),
      ...(body !== undefined && { body }),
      ...(status !== undefined && { checks: { status } }),
      ...(extract !== undefined && { extract }),
    };
    const key = JSON.stringify(operation);
    const same = known.get(key);
    if (same !== undefined) return same;
    const plain = nameOf(name);
    const free = taken.free(plain, (number) => `${beginning(plain, MAX_NAME - 1 - String(number).length)} ${number}`);
    known.set(key, free);
    operations[free] = operation;
    return free;
  });
  return { operations, names };
}

/** Headers that are the same in each of several operations are said once. */
function sharedHeaders(operations: Readonly<Record<string, Operation>>) {
  const all = Object.values(operations);
  const common = Object.entries(all[0]?.headers ?? {}).filter(([name, value]) =>
    all.every(({ headers }) => headers?.[name] === value),
  );
  if (all.length < 2 || common.length === 0) return { shared: undefined, own: operations };
  const isShared = new Set(common.map(([name]) => name));
  const own = Object.entries(operations).map(([name, { headers = {}, ...operation }]) => {
    const left = Object.entries(headers).filter(([header]) => !isShared.has(header));
    return [name, { ...operation, ...(left.length > 0 && { headers: Object.fromEntries(left) }) }];
  });
  return { shared: Object.fromEntries(common), own: Object.fromEntries(own) };
}

function flowOf(requests: readonly ImportedRequest[], names: readonly string[]) {
  const pages = new Map<number, string>();
  const flow: Record<string, unknown>[] = [];
  let present: string | undefined;
  requests.forEach(({ pauseUs = 0, page }, i) => {
    if (pauseUs > 0) flow.push({ pause: formatDuration(pauseUs) });
    if (page !== undefined && page !== present) pages.set(flow.length, page);
    present = page;
    flow.push({ driver: 'http', operation: names[i] });
  });
  return { flow, pages };
}

/** The text of a plan in YAML, with its comments. */
export function planDocument({ plan, comments, pages }: ImportedPlan): string {
  const document = new Document(plan, { aliasDuplicateObjects: false });
  document.commentBefore = comments.map(commented).join('\n');
  for (const scenario of Object.keys(plan.scenarios)) {
    for (const [step, title] of pages) {
      const node = document.getIn(['scenarios', scenario, 'flow', step], true);
      if (isNode(node)) node.commentBefore = commented(title);
    }
  }
  for (const name of Object.keys(plan.params ?? {})) {
    const node = document.getIn(['params', name], true);
    if (isMap(node)) node.flow = true;
  }
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && !isPrintable(node.value.replaceAll('\n', '')))
        node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return printableDocument(document.toString({ lineWidth: 0, flowCollectionPadding: true }));
}

/** A comment ends with its line: what was imported may hold line breaks, and may steer the terminal. */
function commented(line: string): string {
  return ` ${printable(line.replaceAll(/[\t\r\n\v\f\u0085\u2028\u2029]+/g, ' '))}`;
}
