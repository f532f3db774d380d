import type { Import, ImportedRequest } from '../imported-plan.ts';
import { literal } from '../plan-text.ts';
import { isFields, type Specification, textOf } from './specification.ts';

const NO_SERVER = 'http://127.0.0.1:8080';
const HOST_AND_PATH = /^(https?:\/\/[^/\s{}]+)(\/[^\s{}]*)?$/i;

/**
 * Where the first of some servers is, with the defaults of its variables: host and path.
 * @param servers of the document, a path or an operation
 * @param at where they stand, for messages
 * @param base whose host one has that names none
 */
export function targetOf(
  specification: Specification,
  servers: unknown,
  at: readonly PropertyKey[],
  base = NO_SERVER,
): { readonly target: string; readonly note?: string } {
  const [server = {}] = specification.list(servers, [...at, 'servers']);
  const variables = isFields(server.variables) ? server.variables : {};
  const url = (textOf(server.url) ?? '').replaceAll(/\{([^{}]+)\}/g, (written, name: string) => {
    const { default: value } = specification.fields(variables[name], [...at, 'servers', 0, 'variables', name]);
    return value === undefined ? written : String(value);
  });
  const plain = url.replace(/[?#].*$/, '').replace(/(?<!\/)\/+$/, '');
  if (HOST_AND_PATH.test(plain)) return { target: literal(plain) };
  const path = /^\/[^\s{}]*$/.test(plain) ? plain : '';
  const [, host = NO_SERVER] = HOST_AND_PATH.exec(base) ?? [];
  return {
    target: `${host}${literal(path)}`,
    note: `The document names no host, so the target is ${NO_SERVER}: change it, or give another with --host.`,
  };
}

/** Where some requests have another path on the same host, that host is the target, and the paths belong to the requests. */
export function onOneHost(requests: readonly ImportedRequest[], target: string): Pick<Import, 'requests' | 'target'> {
  if (requests.every(({ origin }) => origin === target)) return { requests, target };
  const split = requests.map((request): ImportedRequest => {
    const [, host = request.origin, path = ''] = HOST_AND_PATH.exec(request.origin) ?? [];
    return { ...request, origin: host, path: `${path}${request.path}` };
  });
  const [, host] = HOST_AND_PATH.exec(target) ?? [];
  return { requests: split, target: split.some(({ origin }) => origin === host) ? host : undefined };
}
