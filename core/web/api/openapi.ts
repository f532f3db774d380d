import { z } from 'zod';
import { VERSION } from '../../version.ts';
import * as bodies from './bodies.ts';
import { type Route, routes } from './routes.ts';
import { runEvents } from './run-events.ts';

type Json = Record<string, unknown>;

const JSON_TYPE = 'application/json';
const PROBLEMS: Readonly<Record<string, string>> = {
  '400': 'The request is not right, or has a field or a query name that is not described here',
  '401': 'Not logged in',
  '403': 'The role may not do this, or the request does not come from an allowed page',
  '404': 'There is no such thing',
  '405': 'The path does not take this method',
  '409': 'Its state does not allow it',
  '413': 'The body is too large',
  '415': 'The body is not sent as JSON',
  '422': 'The plan has problems',
  '429': 'Too many requests',
  '503': 'Too many streams, or control cannot do it now',
};

/** It is not required, because who sends a token of its own in a header need not send it. */
const OWN_HEADER: Json = {
  name: 'X-Bench',
  in: 'header',
  required: false,
  description: 'Needed of whatever changes something, unless `Authorization: Bearer` is sent.',
  schema: { type: 'string', const: '1' },
};

let document: Json | undefined;

/** The API as an OpenAPI 3.1 document, made of {@link routes} and their schemas when it is asked for the first time. */
export function openApiDocument(): Json {
  document ??= madeDocument();
  return document;
}

let text: Buffer | undefined;

/** The document as JSON, the same bytes for all: anybody may ask for it, and read it as slowly as they like. */
export function openApiText(): Buffer {
  text ??= Buffer.from(JSON.stringify(openApiDocument()));
  return text;
}

function madeDocument(): Json {
  const components = new Map<string, Json>();
  const schemaOf = (schema: z.ZodType): Json => schemaIn(schema, components);
  const problem = { 'application/problem+json': { schema: schemaOf(bodies.problem) } };
  const problems = Object.entries(PROBLEMS).map(([code, description]) => [code, { description, content: problem }]);
  const paths: Record<string, Json> = {};
  for (const [name, route] of Object.entries<Route>(routes)) {
    const path = `/api/v1${route.path}`;
    paths[path] = {
      ...paths[path],
      [route.method.toLowerCase()]: operationOf(name, route, Object.fromEntries(problems), schemaOf),
    };
  }
  for (const schema of [...Object.values(runEvents), ...Object.values(bodies.pageEvents), bodies.logLine])
    schemaOf(schema);
  return {
    openapi: '3.1.0',
    info: {
      title: 'bench control',
      version: VERSION,
      description: 'Starts runs and shows them live. Times are whole microseconds, shares 0 to 1.',
    },
    paths,
    components: {
      schemas: Object.fromEntries(components),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: '`bench control invite --api`' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-bench' },
      },
    },
  };
}

function operationOf(name: string, route: Route, problems: Json, schemaOf: (schema: z.ZodType) => Json): Json {
  const { method, summary, role, query, body, answer, status } = route;
  const parameters = [
    ...[...route.path.matchAll(/\{(\w+)\}/g)].map(([, part]) => {
      return { name: part, in: 'path', required: true, schema: { type: 'string' } };
    }),
    ...queryParameters(query, schemaOf),
    ...(method === 'GET' ? [] : [OWN_HEADER]),
  ];
  const good = { description: summary, ...contentOf(answer, schemaOf) };
  return {
    operationId: name,
    summary,
    'x-role': role,
    ...(role !== 'anyone' && { security: [{ bearer: [] }, { session: [] }, {}] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: { [JSON_TYPE]: { schema: schemaOf(body) } } } }),
    responses: { [status]: good, ...problems },
  };
}

function contentOf(answer: Route['answer'], schemaOf: (schema: z.ZodType) => Json): Json {
  if (answer === 'nothing') return {};
  if (answer === 'events') return { content: { 'text/event-stream': { schema: { type: 'string' } } } };
  if (answer === 'file') return { content: { '*/*': { schema: {} } } };
  return { content: { [JSON_TYPE]: { schema: schemaOf(answer) } } };
}

function queryParameters(query: z.ZodObject | undefined, schemaOf: (schema: z.ZodType) => Json): Json[] {
  return Object.entries(query?.shape ?? {}).map(([name, schema]) => {
    const { description, ...rest } = schemaOf(schema as z.ZodType);
    const required = !(schema as z.ZodType).safeParse(undefined).success;
    return { name, in: 'query', required, ...(description !== undefined && { description }), schema: rest };
  });
}

/** A reference where the schema has a name of its own; its parts with names go to the components. */
function schemaIn(schema: z.ZodType, components: Map<string, Json>): Json {
  const { $schema: _, $defs = {}, ...own } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json;
  for (const [id, definition] of Object.entries($defs as Record<string, Json>)) add(components, id, definition);
  const id = schema.meta()?.id;
  if (id === undefined) return rooted(own) as Json;
  // A schema with a name may stand among its own definitions, and then only refers to itself here.
  if (!(id in ($defs as Json))) add(components, id, own);
  return { $ref: `#/components/schemas/${id}` };
}

function add(components: Map<string, Json>, id: string, { $schema: _, ...definition }: Json): void {
  components.set(id, rooted(definition) as Json);
}

/** References from within a schema lead to its own definitions; in the document they lead to the components. */
function rooted(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(rooted);
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part)
      .filter(([key]) => key !== 'id')
      .map(([key, value]) => {
        if (key !== '$ref' || typeof value !== 'string') return [key, rooted(value)];
        return [key, value.replace('#/$defs/', '#/components/schemas/')];
      }),
  );
}
