import t from 'tap';
import { openApiDocument } from '../../../core/web/api/openapi.ts';
import { type Route, routes } from '../../../core/web/api/routes.ts';
import { runEvents } from '../../../core/web/api/run-events.ts';

const document = openApiDocument();

t.test('the document describes each route, and no other', async (t) => {
  const paths = document.paths as Record<string, Record<string, { operationId: string; 'x-role': string }>>;
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, 'x-role': role }]) => [operationId, method, path, role]),
  );
  const served = Object.entries<Route>(routes).map(([name, { method, path, role }]) => {
    return [name, method.toLowerCase(), `/api/v1${path}`, role];
  });
  t.same(described.toSorted(), served.toSorted());
});

t.test('it is made once, because anybody may ask for it', async (t) => {
  t.equal(openApiDocument(), document);
});

t.test('every reference leads somewhere, and every part of a path is a parameter', async (t) => {
  const text = JSON.stringify(document);
  const schemas = Object.keys((document.components as { schemas: object }).schemas);
  const references = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, to]) => to);
  t.ok(references.length > 50);
  for (const to of new Set(references))
    t.ok(schemas.includes(to?.replace('#/components/schemas/', '') ?? ''), String(to));
  t.notMatch(text, /"\$schema"|"\$defs"/);
  for (const [path, methods] of Object.entries(
    document.paths as Record<string, Record<string, { parameters?: { name: string }[] }>>,
  )) {
    const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const { parameters = [] } of Object.values(methods)) {
      t.same(
        wanted.filter((name) => !parameters.some((parameter) => parameter.name === name)),
        [],
        path,
      );
    }
  }
});

t.test('every schema says something, and does not only refer to itself', async (t) => {
  const { schemas } = document.components as { schemas: Record<string, object> };
  for (const [name, schema] of Object.entries(schemas)) t.not('$ref' in schema, true, name);
});

t.test('a parameter that must be there is said to be required', async (t) => {
  const { parameters } = (
    document.paths as Record<string, { get: { parameters: { name: string; required: boolean }[] } }>
  )['/api/v1/compare']?.get ?? { parameters: [] };
  t.same(
    parameters.filter(({ required }) => required).map(({ name }) => name),
    ['runs'],
  );
});

t.test(
  'it says of every body that fields which are not known are refused, and how little a change needs',
  async (t) => {
    type Schema = { type?: string; additionalProperties?: unknown; properties?: Record<string, Schema> };
    const { schemas } = document.components as { schemas: Record<string, Schema> };
    const bodies = Object.values<Route>(routes).flatMap(({ body }) => schemas[String(body?.meta()?.id)] ?? []);
    t.ok(bodies.length >= 7);
    for (const body of bodies) {
      for (const part of [body, ...Object.values<Schema>(body.properties ?? {})]) {
        if (part.type === 'object') t.equal(part.additionalProperties, false, JSON.stringify(part));
      }
    }
    t.match(schemas.Overrides, { additionalProperties: false });
    t.match(schemas.RunChange, { minProperties: 1 });
  },
);

t.test('a query has its words and the bounds of its numbers, as the server takes them', async (t) => {
  const { parameters } = (
    document.paths as Record<string, { get: { parameters: { name: string; schema: object }[] } }>
  )['/api/v1/runs']?.get ?? { parameters: [] };
  const schemas = Object.fromEntries(parameters.map(({ name, schema }) => [name, schema]));
  t.same(schemas.limit, { type: 'integer', minimum: 1, maximum: 500 });
  t.same(schemas.verdict, { type: 'string', enum: ['pass', 'fail', 'invalid', 'aborted', 'no-criteria'] });
  t.match(schemas.state, { enum: ['queued', 'waiting', /./, /./, /./, /./, /./, 'failed'] });
});

t.test('events of streams are described, because clients read them too', async (t) => {
  const { schemas } = document.components as { schemas: Record<string, object> };
  for (const [name, schema] of Object.entries(runEvents)) {
    const id = schema.meta()?.id;
    t.ok(id !== undefined && id in schemas, name);
  }
  t.equal(document.openapi, '3.1.0');
});

t.test('the limits of tags, all codes, and the header of what changes something are said', async (t) => {
  const { schemas } = document.components as { schemas: Record<string, { properties: Record<string, unknown> }> };
  for (const name of ['RunChange', 'StartRequest']) {
    const tags = (schemas[name] ?? { properties: {} }).properties.tags;
    const { maxItems, items } = tags as { maxItems: number; items: { pattern: string } };
    t.equal(maxItems, 20, name);
    const pattern = new RegExp(items.pattern, 'u');
    for (const [tag, isRight] of [
      ['build:42', true],
      ['\u00dfeta', true],
      ['', false],
      [' a', false],
      ['a'.repeat(51), false],
    ] as const)
      t.equal(pattern.test(tag), isRight, tag);
  }
  type Operation = { parameters?: { name: string; in: string }[]; responses: Record<string, object> };
  for (const [path, methods] of Object.entries(document.paths as Record<string, Record<string, Operation>>)) {
    for (const [method, { parameters = [], responses }] of Object.entries(methods)) {
      const hasHeader = parameters.some(({ name, in: place }) => place === 'header' && name === 'X-Bench');
      t.equal(hasHeader, method !== 'get', `${method} ${path}`);
      t.ok('405' in responses && '415' in responses);
    }
  }
});
