import { z } from 'zod';
import { object } from '../core/plan/fields.ts';
import { nearest } from '../core/plan/nearest.ts';
import { type Driver, defineDriver, PluginError } from '../core/plugin.ts';
import { HttpClient } from './http/client.ts';
import { DataSet } from './http/data-set.ts';
import { HttpSession } from './http/http-session.ts';
import { HttpOperation } from './http/operation.ts';
import { columnsOf, headersSchema, operationSchema, wrongInHttp2 } from './http/operation-options.ts';
import { connectionOptions, httpSettings } from './http/settings.ts';
import { targetAddress } from './http/target-address.ts';

const NAME = 'http';

const dataSet = object({
  file: z.string().min(1).describe('CSV or TSV whose first row names the columns, or a JSON list of objects.'),
  order: z
    .enum(['shared', 'user', 'random'])
    .default('shared')
    .describe('Row by row in each agent process; a row for each virtual user; or any row. Default: shared.'),
  atEnd: z
    .enum(['loop', 'stop', 'error'])
    .default('loop')
    .describe('With no row left: begin again, end the virtual user, or fail each request. Default: loop.'),
});

const options = object({
  operations: z
    .record(z.string().min(1), operationSchema)
    .refine((all) => Object.keys(all).length > 0, { error: 'must hold at least one operation' })
    .describe('Requests by the name that scenarios use.'),
  headers: headersSchema.default({}).describe('For all operations, with placeholders.'),
  data: z
    .record(z.string().regex(/^[\w-]+$/), dataSet)
    .default({})
    .describe('Files, by the name that placeholders use: name.column.'),
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
      if (Object.hasOwn(data, set)) continue;
      const guess = nearest(set, Object.keys(data));
      const mending = guess ? `did you mean \${${guess}.${column}}?` : `name its file under data.${set}`;
      const message = `placeholder \${${set}.${column}}: there is no data "${set}"; ${mending}`;
      context.addIssue({ code: 'custom', path: ['operations', name], message });
    }
  }
});

/** Any HTTP request, with values of its own for each virtual user and checks on the answer. */
export default defineDriver<z.output<typeof options>>({
  name: NAME,
  description: 'Sends HTTP requests of your own, with data and checks.',
  options,
  operations: ({ operations }) => Object.entries(operations).map(([name, { method }]) => ({ name, type: method })),

  async open({ operations, headers, data, http2, ...rest }, context): Promise<Driver> {
    const address = targetAddress(context.target, NAME);
    const settings = httpSettings(rest, http2);
    const names = Object.keys(data);
    const sets = Object.values(data).map((set) => new DataSet(set, context.baseDirectory));
    const around = {
      address,
      connectionPerRequest: settings.connectionPerRequest,
      headers,
      baseDirectory: context.baseDirectory,
      findColumn: (set: string, column: string) => {
        const place = names.indexOf(set);
        const found = sets[place];
        if (found === undefined) throw new PluginError(`placeholder \${${set}.${column}}: there is no data "${set}"`);
        return { set: place, column: found.column(column) };
      },
    };
    const ready = new Map(
      Object.entries(operations).map(([name, operation]) => [name, new HttpOperation(name, operation, around)]),
    );
    const client = await HttpClient.open(address, settings, context);
    return {
      async connect(user, signal) {
        const session = new HttpSession(client, ready, sets, context.runId, user);
        await session.open(signal);
        return session;
      },
      close: () => client.close(),
    };
  },
});
