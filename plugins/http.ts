import { z } from 'zod';
import { object } from '../core/plan/fields.ts';
import { type Driver, defineDriver, PluginError } from '../core/plugin.ts';
import { dataSchema } from '../core/script/data-options.ts';
import { columnFinder, columnProblem, openDataSets } from './data/data-option.ts';
import { beginsTraces, withTraces } from './data/traced-session.ts';
import { filesOfBody } from './http/body/body-schema.ts';
import { oneOrMore } from './http/chosen-schema.ts';
import { type HttpClient, openHttpClient } from './http/connections/client.ts';
import type { HttpOrigin } from './http/connections/origin.ts';
import { CODINGS, isDecompressible } from './http/content-coding.ts';
import { HttpSession } from './http/http-session.ts';
import { openUserAgent } from './http/open-user-agent.ts';
import { HttpOperation } from './http/operation.ts';
import {
  columnsOf,
  headersSchema,
  type OperationOptions,
  operationSchema,
  readsOf,
  wrongInHttp2,
} from './http/operation-options.ts';
import { redirectOriginsSchema, redirectsSchema } from './http/redirects/redirect-options.ts';
import { driverHeaders } from './http/script/request-writer.ts';
import { ScriptClient } from './http/script/script-client.ts';
import { addressOf, connectionFiles, connectionOptions, httpSettings, targetProblem } from './http/settings.ts';
import { UserAgentSession } from './http/user-agent-session.ts';
import type { TargetAddress } from './net/target-address.ts';

const NAME = 'http';

const options = object({
  operations: z
    .record(z.string().min(1), operationSchema)
    .default({})
    .describe('Requests by the name that scenarios use. Scripts need none.'),
  headers: headersSchema.default({}).describe('Headers of all operations; may contain placeholders.'),
  acceptEncoding: oneOrMore(z.enum(CODINGS))
    .optional()
    .describe('How answers may be compressed: gzip, br, deflate or zstd, or several. Default: not at all.'),
  cookies: z
    .boolean()
    .default(false)
    .describe('Keep the cookies of each virtual user and send them back, as a browser does. Default: false.'),
  redirects: redirectsSchema
    .default(0)
    .describe('none, follow (at most 10), or how many redirects of one request are followed. Default: none.'),
  redirectOrigins: redirectOriginsSchema.describe(
    "Origins that redirects may lead to beside the target's own, such as https://id.example.test.",
  ),
  data: dataSchema,
  http2: z.boolean().default(false).describe('HTTP/2 instead of HTTP/1.1.'),
  ...connectionOptions,
}).superRefine(({ operations, headers, redirects, redirectOrigins, data, http2 }, context) => {
  if (redirectOrigins.length > 0 && !followsRedirects(redirects, operations)) {
    const message = 'goes with redirects: follow, and no redirect is followed';
    context.addIssue({ code: 'custom', path: ['redirectOrigins'], message });
  }
  const places = [
    { path: ['headers'], headers },
    ...Object.entries(operations).map(([name, { headers }]) => ({ path: ['operations', name, 'headers'], headers })),
  ];
  for (const { path, headers } of http2 ? places : []) {
    for (const { name, message } of wrongInHttp2(headers)) {
      context.addIssue({ code: 'custom', path: [...path, name], message });
    }
  }
  for (const [name, operation] of Object.entries(operations)) {
    for (const { set, column } of columnsOf(operation)) {
      const message = columnProblem(set, column, Object.keys(data));
      if (message !== undefined) context.addIssue({ code: 'custom', path: ['operations', name], message });
    }
  }
});

type Operations = Readonly<Record<string, OperationOptions>>;

function followsRedirects(redirects: number, operations: Operations): boolean {
  const all = Object.values(operations).map((operation) => operation.redirects ?? redirects);
  // Scripts have no operations, and follow what the driver says.
  return all.length === 0 ? redirects > 0 : all.some((followed) => followed > 0);
}

/** Sends any HTTP request, with values of its own for each virtual user, and checks the answers. */
export default defineDriver<z.output<typeof options>>({
  name: NAME,
  description: 'Sends your own HTTP requests, with data and checks.',
  limitsOperations: true,
  options,
  operations: ({ operations, headers }) =>
    Object.entries(operations).map(([name, operation]) => ({
      name,
      type: operation.method,
      reads: readsOf(operation, headers),
      sets: Object.keys(operation.extract),
    })),

  files: ({ operations, data, tls }) => [
    ...Object.values(data).map(({ file }) => file),
    ...Object.values(operations).flatMap(({ body }) => (body === undefined ? [] : filesOfBody(body))),
    ...connectionFiles({ tls }),
  ],

  targetProblem: (options, target) =>
    ownAddress(options.operations) === undefined ? targetProblem(options, target) : undefined,

  async open(options, context): Promise<Driver> {
    const { operations, headers, acceptEncoding, cookies, redirects, redirectOrigins, data, http2, ...rest } = options;
    const lacking = acceptEncoding?.find((coding) => !isDecompressible(coding));
    if (lacking !== undefined) {
      throw new PluginError(`acceptEncoding: this runtime cannot decompress ${lacking}: leave it out`);
    }
    const address = ownAddress(operations) ?? addressOf(rest, context, NAME);
    const settings = httpSettings(rest, http2);
    const sets = await openDataSets(data, context.baseDirectory, context.deal);
    const isUserAgent = cookies || followsRedirects(redirects, operations);
    const operationContext = {
      address,
      settings,
      headers,
      acceptEncoding: acceptEncoding?.join(', '),
      userAgent: isUserAgent ? { redirects } : undefined,
      baseDirectory: context.baseDirectory,
      warn: context.warn,
      findColumn: columnFinder(sets),
    };
    const ready = new Map(
      Object.entries(operations).map(([name, operation]) => [
        name,
        new HttpOperation(name, operation, operationContext),
      ]),
    );
    const client = await openHttpClient(address, settings, context);
    const named = await openOtherOrigins(client, operations, ready);
    const userAgent = isUserAgent ? await openUserAgent({ cookies, redirectOrigins, named }, client, NAME) : undefined;
    let scripts: ScriptClient | undefined;
    const scriptClient = () => {
      const sent = driverHeaders(headers, operationContext.acceptEncoding);
      scripts ??= new ScriptClient(client, address.basePath, sent, { userAgent, redirects });
      return scripts;
    };
    const isTraced = beginsTraces(options);
    return {
      async connect(user, signal, sendable) {
        const given = [client, ready, [...sets.values()], context.runId, user, scriptClient, sendable] as const;
        const session = userAgent ? new UserAgentSession(...given, userAgent) : new HttpSession(...given);
        await session.open(signal);
        return isTraced ? withTraces(session) : session;
      },
      close: () => client.close(),
    };
  },
});

/** Where the requests go whose path is no whole URL; without such requests, where the first one goes. */
function ownAddress(operations: Operations): TargetAddress | undefined {
  const origins = Object.values(operations).map(({ path }) => path.origin);
  return origins.includes(undefined) ? undefined : origins[0];
}

/**
 * @returns the origins that operations name
 * @throws {PluginError} when one cannot be reached; the client is then closed
 */
async function openOtherOrigins(
  client: HttpClient,
  operations: Operations,
  ready: ReadonlyMap<string, HttpOperation>,
): Promise<HttpOrigin[]> {
  const named: HttpOrigin[] = [];
  try {
    for (const [name, { path }] of Object.entries(operations)) {
      if (path.origin === undefined) continue;
      const origin = await client.openOrigin(path.origin);
      (ready.get(name) as HttpOperation).origin = origin;
      named.push(origin);
    }
    return named;
  } catch (error) {
    client.close();
    throw error;
  }
}
