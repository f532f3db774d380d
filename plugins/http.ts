import { z } from 'zod';
import { object } from '../core/plan/fields.ts';
import { type Driver, defineDriver, PluginError } from '../core/plugin.ts';
import { columnFinder, columnProblem, dataSchema, openDataSets } from './data/data-option.ts';
import { oneOrMore } from './http/chosen-schema.ts';
import { type HttpClient, openHttpClient } from './http/connections/client.ts';
import { CODINGS, isDecompressible } from './http/content-coding.ts';
import { HttpSession } from './http/http-session.ts';
import { HttpOperation } from './http/operation.ts';
import { columnsOf, headersSchema, operationSchema, readsOf, wrongInHttp2 } from './http/operation-options.ts';
import { addressOf, connectionOptions, httpSettings } from './http/settings.ts';
import type { TargetAddress } from './net/target-address.ts';

const NAME = 'http';

const options = object({
  operations: z
    .record(z.string().min(1), operationSchema)
    .refine((all) => Object.keys(all).length > 0, { error: 'must contain at least one operation' })
    .describe('Requests by the name that scenarios use.'),
  headers: headersSchema.default({}).describe('Headers of all operations; may contain placeholders.'),
  acceptEncoding: oneOrMore(z.enum(CODINGS))
    .optional()
    .describe('How answers may be compressed: gzip, br, deflate or zstd, or several. Default: not at all.'),
  data: dataSchema,
  http2: z.boolean().default(false).describe('HTTP/2 instead of HTTP/1.1.'),
  ...connectionOptions,
}).superRefine(({ operations, headers, data, http2 }, context) => {
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

type Operations = z.output<typeof options>['operations'];

/** Sends any HTTP request, with values of its own for each virtual user, and checks the answers. */
export default defineDriver<z.output<typeof options>>({
  name: NAME,
  description: 'Sends your own HTTP requests, with data and checks.',
  options,
  operations: ({ operations, headers }) =>
    Object.entries(operations).map(([name, operation]) => ({
      name,
      type: operation.method,
      reads: readsOf(operation, headers),
      sets: Object.keys(operation.extract),
    })),

  async open({ operations, headers, acceptEncoding, data, http2, ...rest }, context): Promise<Driver> {
    const lacking = acceptEncoding?.find((coding) => !isDecompressible(coding));
    if (lacking !== undefined) {
      throw new PluginError(`acceptEncoding: this runtime cannot decompress ${lacking}: leave it out`);
    }
    const address = ownAddress(operations, () => addressOf(rest, context, NAME));
    const settings = httpSettings(rest, http2);
    const sets = openDataSets(data, context.baseDirectory, context.share);
    const operationContext = {
      address,
      settings,
      headers,
      acceptEncoding: acceptEncoding?.join(', '),
      baseDirectory: context.baseDirectory,
      findColumn: columnFinder(sets),
    };
    const ready = new Map(
      Object.entries(operations).map(([name, operation]) => [
        name,
        new HttpOperation(name, operation, operationContext),
      ]),
    );
    const client = await openHttpClient(address, settings, context);
    await openOtherOrigins(client, operations, ready);
    return {
      async connect(user, signal) {
        const session = new HttpSession(client, ready, [...sets.values()], context.runId, user);
        await session.open(signal);
        return session;
      },
      close: () => client.close(),
    };
  },
});

/** Where the requests go whose path is no whole URL; without such requests, where the first one goes. */
function ownAddress(operations: Operations, otherwise: () => TargetAddress): TargetAddress {
  const origins = Object.values(operations).map(({ path }) => path.origin);
  return origins.includes(undefined) ? otherwise() : (origins[0] as TargetAddress);
}

/** @throws {PluginError} when one cannot be reached; the client is then closed */
async function openOtherOrigins(
  client: HttpClient,
  operations: Operations,
  ready: ReadonlyMap<string, HttpOperation>,
): Promise<void> {
  try {
    for (const [name, { path }] of Object.entries(operations)) {
      const operation = ready.get(name) as HttpOperation;
      if (path.origin !== undefined) operation.origin = await client.openOrigin(path.origin);
    }
  } catch (error) {
    client.close();
    throw error;
  }
}
