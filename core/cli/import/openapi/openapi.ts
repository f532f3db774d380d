import { upgrade } from '@scalar/openapi-upgrader';
import { z } from 'zod';
import { formatCount } from '../../../verdict/quantity.ts';
import type { Import } from '../imported-plan.ts';
import { checkedDocument, readDocument, refusal } from '../read-document.ts';
import { SecretValues } from '../secret-values.ts';
import { OperationReader } from './operation.ts';
import { onOneHost, targetOf } from './servers.ts';
import { type Fields, isFields, Specification, SpecificationError, textOf } from './specification.ts';

const SAFE_METHODS = ['get', 'head'];
const ALL_METHODS = [...SAFE_METHODS, 'post', 'put', 'patch', 'delete'];

const documentSchema = z
  .looseObject({
    openapi: z.string().optional(),
    swagger: z.union([z.string(), z.number()]).optional(),
    paths: z.record(z.string(), z.unknown()).optional(),
  })
  .superRefine(({ openapi, swagger, paths }, context) => {
    const version = openapi ?? swagger;
    if (version === undefined) {
      context.addIssue({
        code: 'custom',
        message: 'it says neither openapi: 3.… nor swagger: "2.0", so it is no OpenAPI',
      });
    } else if (!/^3\.|^2(\.0)?$/.test(String(version))) {
      context.addIssue({
        code: 'custom',
        path: [openapi === undefined ? 'swagger' : 'openapi'],
        message: `version ${version} cannot be imported, only 3 and 2.0`,
      });
    } else if (Object.keys(paths ?? {}).length === 0) {
      context.addIssue({ code: 'custom', path: ['paths'], message: 'it has no paths' });
    }
  });

/**
 * Reads an OpenAPI document, 3.x or Swagger 2.0, in YAML or JSON: one operation for each path and method, with the examples
 * of the document, or values that its schemas allow.
 * @param allMethods also those that change something
 * @throws {CommandError}
 */
export function importOpenapi(text: string, source: string, allMethods: boolean): Import {
  const document = readDocument(text, source);
  checkedDocument(document, documentSchema, source);
  try {
    const read = imported(new Specification(upgraded(document.value as Fields), document.place), source, allMethods);
    return { ...read, notes: [...document.notes, ...read.notes] };
  } catch (error) {
    if (error instanceof SpecificationError) throw refusal(source, error.message);
    throw error;
  }
}

function upgraded(value: Fields): Fields {
  try {
    return upgrade({ ...value }, '3.1') as unknown as Fields;
  } catch (error) {
    throw new SpecificationError(`it cannot be read as OpenAPI (${(error as Error).message})`);
  }
}

function imported(specification: Specification, source: string, allMethods: boolean): Import {
  const { root } = specification;
  const secrets = new SecretValues();
  const { target, note } = targetOf(specification, root.servers, []);
  const reader = new OperationReader(specification, secrets, target);
  const paths = Object.entries(isFields(root.paths) ? root.paths : {});
  const places = paths.flatMap(([path, item]) => {
    const fields = specification.fields(item, ['paths', path]);
    return ALL_METHODS.filter((method) => isFields(fields[method])).map((method) => ({ path, fields, method }));
  });
  const kept = allMethods ? places : places.filter(({ method }) => SAFE_METHODS.includes(method));
  if (kept.length === 0) {
    throw refusal(
      source,
      places.length === 0
        ? 'its paths have no operations'
        : 'all of its operations change something: --all-methods takes them too',
    );
  }
  const placed = onOneHost(
    kept.map(({ path, fields, method }) => reader.request(path, fields, method)),
    target,
  );
  const left = places.length - kept.length;
  return {
    format: 'OpenAPI',
    name: textOf(specification.fields(root.info, ['info']).title) ?? 'API',
    ...placed,
    inOrder: false,
    keepsOtherHosts: false,
    secrets,
    params: reader.params.all(),
    notes: [
      ...(note === undefined ? [] : [note]),
      ...reader.notes,
      ...reader.params.notes(),
      ...(left === 0
        ? []
        : [`Operations left out, which change something: ${formatCount(left)} (--all-methods adds them).`]),
    ],
  };
}
