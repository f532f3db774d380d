import { z } from 'zod';
import { object, wholeNumber } from '../core/plan/fields.ts';
import { type Driver, defineDriver, PluginError, type SchemaIssue } from '../core/plugin.ts';
import { dataSchema } from '../core/script/data-options.ts';
import { referencesIn } from '../core/secrets/reference.ts';
import { columnFinder, columnProblem, openDataSets } from './data/data-option.ts';
import { beginsTraces, withTraces } from './data/traced-session.ts';
import { openGrpcClient } from './grpc/grpc-client.ts';
import { type DescribedOperation, describedOperation, GrpcOperation } from './grpc/grpc-operation.ts';
import { GrpcSession } from './grpc/grpc-session.ts';
import { columnsOf, metadataSchema, operationSchema, readsOf } from './grpc/operation-options.ts';
import { readServices, type ServiceSource, type Services, serviceFiles } from './grpc/services.ts';
import { oneOrMore } from './http/chosen-schema.ts';
import { addressOf, connectionFiles, connectionOptions, httpSettings, targetProblem } from './http/settings.ts';
import { connectionsOption } from './net/connections-option.ts';

const NAME = 'grpc';
const MAX_POOL = 65_535;
const MAX_ANSWER_BYTES = 2 ** 31 - 1;

const file = z.string().min(1);

const options = object({
  proto: oneOrMore(file)
    .default([])
    .describe(
      'The .proto file with the services, or several. What they import is found beside them or in importPaths.',
    ),
  importPaths: z.array(file).default([]).describe('Folders in which imports of the .proto files are looked for first.'),
  descriptorSet: file
    .optional()
    .describe(
      'Instead of .proto files: what protoc --include_imports --descriptor_set_out or buf build has made of them.',
    ),
  operations: z
    .record(z.string().min(1), operationSchema)
    .refine((all) => Object.keys(all).length > 0, { error: 'must contain at least one operation' })
    .describe('Calls by the name that scenarios use.'),
  metadata: metadataSchema.describe('Metadata of all operations; may contain placeholders.'),
  data: dataSchema,
  maxAnswerBytes: wholeNumber(1, MAX_ANSWER_BYTES)
    .default(64 << 20)
    .describe(
      'How large the message of an answer may be: a larger one is the error resource_exhausted. Default: 67108864 (64 MiB).',
    ),
  ...connectionOptions,
  timeout: connectionOptions.timeout.describe('Deadline of each call, which the server is told. Default: 30s.'),
  connections: connectionsOption(['per-user'], MAX_POOL).describe(
    'One for each virtual user (per-user), or a number of connections that the virtual users of an agent process share, each with any number of calls at a time ({ pool: 4 }). Default: per-user.',
  ),
}).superRefine(({ proto, descriptorSet, operations, metadata, data }, context) => {
  if ((proto.length === 0) === (descriptorSet === undefined)) {
    context.addIssue({ code: 'custom', path: ['proto'], message: 'there must be either proto or descriptorSet' });
  }
  for (const [name, operation] of Object.entries(operations)) {
    for (const { set, column } of columnsOf(operation, metadata)) {
      const message = columnProblem(set, column, Object.keys(data));
      if (message !== undefined) context.addIssue({ code: 'custom', path: ['operations', name], message });
    }
  }
});

type Options = z.output<typeof options>;

/** Calls any unary method of gRPC, with values of its own for each virtual user, and checks the answers. */
export default defineDriver<Options>({
  name: NAME,
  description: 'Calls your own gRPC methods, with data and checks.',
  limitsOperations: true,
  options,
  operations: ({ operations, metadata }) =>
    Object.entries(operations).map(([name, operation]) => ({
      name,
      type: 'gRPC',
      reads: readsOf(operation, metadata),
      sets: Object.keys(operation.extract),
    })),

  targetProblem,

  files: ({ data, tls, ...source }, _target, baseDirectory) => [
    ...Object.values(data).map(({ file }) => file),
    ...serviceFiles(source, baseDirectory),
    ...connectionFiles({ tls }),
  ],

  problems(options, baseDirectory) {
    // Such a file is found where the reference has its value.
    if (sourceFiles(options).some((file) => referencesIn(file).length > 0)) return [];
    return described(options, readServices(options, baseDirectory)).problems;
  },

  async open(options, context): Promise<Driver> {
    const { operations, metadata, data, maxAnswerBytes, ...rest } = options;
    const services = readServices(options, context.baseDirectory);
    const { problems, ready } = described(options, services);
    if (problems.length > 0) throw new PluginError(problems.map(inWords).join('\n'));
    const settings = httpSettings(rest, true);
    const sets = await openDataSets(data, context.baseDirectory, context.deal);
    const client = await openGrpcClient(addressOf(rest, context, NAME), settings, context);
    try {
      const shared = {
        client,
        registry: services.registry,
        metadata,
        timeoutUs: rest.timeout,
        maxAnswerBytes,
        findColumn: columnFinder(sets),
      };
      const compiled = [...ready].map(([name, operation]) => {
        return [name, new GrpcOperation(operations[name] as Options['operations'][string], operation, shared)] as const;
      });
      const session = { client, operations: new Map(compiled), sets: [...sets.values()], runId: context.runId };
      const isTraced = beginsTraces(options);
      return {
        async connect(user, _signal, sendable) {
          const opened = new GrpcSession(session, user, sendable);
          await opened.open();
          return isTraced ? withTraces(opened) : opened;
        },
        close: () => client.close(),
      };
    } catch (error) {
      client.close();
      throw error;
    }
  },
});

function sourceFiles({ proto, importPaths, descriptorSet }: ServiceSource): string[] {
  return [...proto, ...importPaths, ...(descriptorSet === undefined ? [] : [descriptorSet])];
}

/** The operations in terms of the services, and all that is wrong with either. */
function described({ operations }: Options, { registry, problems }: Services) {
  const found: SchemaIssue[] = [...problems];
  const ready = new Map<string, DescribedOperation>();
  // Without the files nothing can be said about operations.
  for (const [name, operation] of problems.length > 0 ? [] : Object.entries(operations)) {
    const one = describedOperation(operation, registry, ['operations', name]);
    if ('method' in one) ready.set(name, one);
    else found.push(...one);
  }
  return { problems: found, ready };
}

function inWords({ path = [], message }: SchemaIssue): string {
  return `${path.join('.')}: ${message}`;
}
