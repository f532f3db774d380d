// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are placeholders of plans
import { formatCount } from '../../verdict/quantity.ts';
import { bodyOption, formOption, multipartOption } from './bodies.ts';
import { FreeNames } from './free-names.ts';
import { type Import, type ImportedRequest, oneLineEach } from './imported-plan.ts';
import { PathParams } from './openapi/path-params.ts';
import { addressText, literal, parameter, planPath } from './plan-text.ts';
import { collectionSchema, type PostmanItem, type PostmanPairs, type PostmanRequest } from './postman-schema.ts';
import { checkedDocument, readDocument, refusal } from './read-document.ts';
import { SecretValues } from './secret-values.ts';

const NO_SERVER = 'http://127.0.0.1:8080';
const VARIABLE = /(\{\{[^{}]*\}\})/;
/** The first variable before the path. */
const IN_HOST = /^((?:https?:\/\/)?[^/?#{]*)\{\{([^{}]*)\}\}/i;
const URL_PARTS = /^(?:(https?):\/\/)?(?:[^/?#]*@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?/is;
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i;
/** A value of a variable may name others. */
const MAX_STEPS = 5;
/** What Postman fills in itself, in the words of a plan. All others become random text. */
const DYNAMIC: ReadonlyMap<string, string> = new Map([
  ['$guid', '${uuid}'],
  ['$randomUUID', '${uuid}'],
  ['$randomInt', '${random(0,1000)}'],
]);
/** Names that stand for something else in a plan. */
const TAKEN = ['vu', 'iteration', 'runId', 'uuid'];
const TYPES: ReadonlyMap<string | undefined, string> = new Map([
  ['json', 'application/json'],
  ['xml', 'application/xml'],
  ['html', 'text/html'],
]);
/** The client says these itself. */
const LEFT_OUT = /^(?:content-length|connection|transfer-encoding|accept-encoding|host|postman-token)$/i;

/** How scripts keep a value of an answer: `pm.environment.set('token', pm.response.json().token)`. */
const KEEPS =
  /pm\.(?:environment|collectionVariables|globals|variables)\.set\(\s*["']([^"'\n]+)["']\s*,\s*(?:pm\.response\.json\(\)|JSON\.parse\(responseBody\)|(\w+))((?:\.\w+|\[\d+\])+)\s*\)/g;
const ANSWERS = /\b(\w+)\s*=\s*(?:pm\.response\.json\(\)|JSON\.parse\(responseBody\))/g;
const EXPECTS = /\.to\.have\.status\(\s*([1-5]\d\d)\s*\)/;

/**
 * Reads a collection of Postman: its requests in order are the steps of one user. Variables of the collection become parameters, or
 * references where they are secrets; what its scripts keep of answers, and the status that they expect, come into the plan where
 * they say it in the usual way.
 * @param otherHosts whether requests to other hosts than that of the first are kept
 * @throws {CommandError}
 */
export function importPostman(text: string, source: string, otherHosts: boolean): Import {
  const document = readDocument(text, source);
  const collection = checkedDocument(document, collectionSchema, source);
  const items = requestsIn(collection.item, collection.auth);
  if (items.length === 0) throw refusal(source, 'it holds no request');
  const reader = new CollectionReader(collection.variable);
  const requests = items.map((item) => reader.request(item));
  return {
    format: 'Postman',
    name: collection.info.name,
    requests,
    inOrder: true,
    keepsOtherHosts: otherHosts,
    secrets: reader.secrets,
    params: reader.params.all(),
    notes: [...document.notes, ...reader.notesFor(scriptsIn(collection))],
  };
}

interface PlacedItem extends PostmanItem {
  readonly request: PostmanRequest;
  readonly folder: string | undefined;
}

/** Those of folders in their place, with the authorization of the folder where they have none of their own. */
function requestsIn(items: readonly PostmanItem[], auth: PostmanItem['auth'], folder?: string): PlacedItem[] {
  return items.flatMap((item): PlacedItem[] => {
    if (item.item !== undefined) return requestsIn(item.item, item.auth ?? auth, item.name);
    const { request } = item;
    return request === undefined ? [] : [{ ...item, request: { ...request, auth: request.auth ?? auth }, folder }];
  });
}

function scriptsIn({ event, item = [] }: Pick<PostmanItem, 'event' | 'item'>): number {
  return item.reduce((sum, inner) => sum + scriptsIn(inner), event.length);
}

/** Reads requests in their order: what one keeps of its answer is a variable for those after it. */
class CollectionReader {
  readonly secrets = new SecretValues();
  readonly params = new PathParams();
  readonly #values: ReadonlyMap<string, string>;
  /** Variables of the plan, by the names that scripts give them. */
  readonly #kept = new Map<string, string>();
  readonly #names = new FreeNames();
  readonly #files = new Set<string>();
  readonly #notes = new Set<string>();

  constructor(variables: PostmanPairs) {
    this.#values = new Map(enabled(variables).map(({ key, value }) => [key, value]));
    for (const name of TAKEN) this.#names.take(name);
  }

  request({ name, request, event, folder }: PlacedItem): ImportedRequest {
    const { origin, path, query } = this.#address(request.url ?? { raw: '', variable: undefined });
    const headers = this.#headers(request);
    const queries = [query, this.#authorize(request, headers)].filter((part) => part !== '');
    const body = this.#body(request, headers);
    const script = event.join('\n');
    const method = request.method.toUpperCase();
    const expected = EXPECTS.exec(script)?.[1];
    const extract = this.#extract(script);
    return {
      name: name || `${method} ${path}`,
      method,
      origin,
      path: planPath(queries.length === 0 ? path : `${path}?${queries.join('&')}`),
      headers,
      body,
      ...(expected !== undefined && { status: Number(expected) }),
      ...(extract !== undefined && { extract }),
      page: folder ? `Folder: ${folder}` : undefined,
    };
  }

  notesFor(scripts: number): string[] {
    const notes = [...this.#notes];
    if (this.#files.size > 0) notes.push(`Put beside the plan: ${[...this.#files].join(', ')}.`);
    if (scripts > 0) {
      notes.push(
        `Scripts of Postman: ${formatCount(scripts)}. A status that they expect and values of JSON that they keep are in the plan, as checks and extract; what else they do is left out.`,
      );
    }
    return notes;
  }

  /** A text of a plan. @param encode what values of variables are written with */
  #text(text: string, encode = (value: string) => value, steps = 0): string {
    return text
      .split(VARIABLE)
      .map((part, i) => (i % 2 === 0 ? literal(part) : this.#variable(part.slice(2, -2).trim(), encode, steps)))
      .join('');
  }

  #variable(name: string, encode: (value: string) => string, steps: number): string {
    const kept = this.#kept.get(name);
    if (kept !== undefined) return `\${${kept}}`;
    if (name.startsWith('$')) {
      if (!DYNAMIC.has(name)) this.#notes.add(`{{${name}}} of Postman is eight random letters and digits.`);
      return DYNAMIC.get(name) ?? '${randomText(8)}';
    }
    const value = this.#values.get(name);
    if (value === undefined) return this.secrets.replace(`{{${name}}}`, `the variable ${name} of Postman`, name);
    if (VARIABLE.test(value) && steps < MAX_STEPS) return this.#text(value, encode, steps + 1);
    const plain = literal(value);
    const hidden = this.secrets.field(name, plain, 'variable');
    return hidden === plain ? this.#parameter(name, encode(value)) : hidden;
  }

  #parameter(name: string, value: string): string {
    return parameter(this.params.nameOf({ name, path: '', value, description: undefined }));
  }

  #address({ raw, variable }: NonNullable<PostmanRequest['url']>) {
    const [, scheme = 'http', host = '', written = '', query = ''] = URL_PARTS.exec(this.#withHost(raw.trim())) ?? [];
    const isKnown = HOST.test(host);
    if (!isKnown) {
      const unknown = host === '' ? 'A request has no host' : `The collection does not say what ${host} is`;
      this.#notes.add(`${unknown}: ${NO_SERVER} stands there. Change it, or give another with --host.`);
    }
    const given = new Map(enabled(variable).map(({ key, value }) => [key, value]));
    const path = written.split('/').map((segment) => {
      if (!/^:[\w-]+$/.test(segment)) return this.#text(segment, addressText);
      const value = given.get(segment.slice(1)) || '1';
      if (VARIABLE.test(value)) return this.#text(value, addressText);
      return this.#parameter(segment.slice(1), addressText(value).replaceAll('?', '%3F'));
    });
    return {
      origin: isKnown ? `${scheme.toLowerCase()}://${host}` : NO_SERVER,
      path: path.join('/') || '/',
      query: query === '' ? '' : this.secrets.pairs(this.#text(query, addressText), 'query'),
    };
  }

  /** With the values of the variables before the path. */
  #withHost(raw: string): string {
    let url = raw;
    for (let step = 0; step < MAX_STEPS; step++) {
      const [whole = '', before = '', name = ''] = IN_HOST.exec(url) ?? [];
      const value = this.#values.get(name.trim())?.trim();
      if (whole === '' || !value) break;
      url = `${before}${value.replace(/(?<!\/)\/+$/, '')}${url.slice(whole.length)}`;
    }
    return url;
  }

  #headers({ header }: PostmanRequest): Record<string, string> {
    const lines = typeof header === 'string' ? linesOf(header) : enabled(header);
    const kept = lines.filter(({ key }) => /^[!#$%&'*+.^_`|~\w-]+$/.test(key) && !LEFT_OUT.test(key));
    const values = kept.map(({ key, value }) => [key, this.secrets.header(key, this.#text(value.trim()))] as const);
    return Object.fromEntries(oneLineEach(values));
  }

  /** @returns what belongs into the query */
  #authorize({ auth }: PostmanRequest, headers: Record<string, string>): string {
    if (auth === undefined || auth.type === 'noauth') return '';
    const field = (name: string) => this.#text(auth.fields.get(name) ?? '');
    if (auth.type === 'bearer')
      headers.Authorization = this.secrets.header('Authorization', `Bearer ${field('token')}`);
    else if (auth.type === 'basic') {
      const login = `${field('username')}:${field('password')}`;
      const place = 'header Authorization: the base64 of user:password';
      headers.Authorization = `Basic ${this.secrets.replace(login, place, 'BASIC_CREDENTIALS')}`;
    } else if (auth.type === 'apikey') {
      const key = auth.fields.get('key') || 'X-Api-Key';
      if (auth.fields.get('in') === 'query') {
        const name = encodeURIComponent(key);
        return `${name}=${this.secrets.field('api-key', field('value'), 'query')}`;
      }
      headers[key] = this.secrets.header('X-Api-Key', field('value'));
    } else this.#notes.add(`Authorization of the kind ${auth.type} is left out: sign in with a request of onStart.`);
    return '';
  }

  #body({ body }: PostmanRequest, headers: Record<string, string>): unknown {
    if (body == null || body.disabled) return undefined;
    const { mode, raw, urlencoded, formdata, file, graphql, options } = body;
    const named = Object.keys(headers).find((name) => name.toLowerCase() === 'content-type');
    const typed = (text: string, type: string | undefined) => {
      if (text === '') return undefined;
      if (named === undefined && type !== undefined) headers['Content-Type'] = type;
      return bodyOption(this.#text(text), headers[named ?? 'Content-Type'] ?? '', this.secrets);
    };
    switch (mode) {
      case 'raw':
        return typed(raw ?? '', TYPES.get(options?.raw?.language));
      case 'graphql': {
        const { query = '', variables = '' } = graphql ?? {};
        return typed(
          `{"query": ${JSON.stringify(query)}, "variables": ${variables.trim() || '{}'}}`,
          TYPES.get('json'),
        );
      }
      case 'urlencoded': {
        const fields = enabled(urlencoded).map(({ key, value }) => [key, this.#field(key, value)] as const);
        return fields.length === 0 ? undefined : formOption(fields);
      }
      case 'formdata': {
        const fields = enabled(formdata).flatMap(({ key, value, src, contentType }) => {
          const about = contentType ? { contentType } : {};
          const text = src == null ? this.#field(key, value) : '';
          const parts: unknown[] =
            src == null
              ? [contentType ? { text, ...about } : text]
              : [src].flat().map((path) => ({ file: this.#file(path), ...about }));
          return parts.map((part) => [key, part] as const);
        });
        return fields.length === 0 ? undefined : multipartOption(fields);
      }
      case 'file':
        return { file: this.#file([file?.src].flat()[0]) };
      default:
        return undefined;
    }
  }

  #field(name: string, value: string): string {
    return this.secrets.field(name, this.#text(value), 'form field');
  }

  /** A path of another computer would be one of the agents. */
  #file(path: string | null | undefined): string {
    const name = (path ?? '').replace(/^.*[/\\]/s, '') || 'upload';
    this.#files.add(name);
    return literal(name);
  }

  /** What a script keeps of its answer is known by this name from now on. */
  #extract(script: string): Record<string, { json: string }> | undefined {
    const answers = new Set([...script.matchAll(ANSWERS)].map(([, name]) => name));
    const sources = [...script.matchAll(KEEPS)].flatMap(([, name = '', variable, path = '']) => {
      if (variable !== undefined && !answers.has(variable)) return [];
      const known = this.#kept.get(name) ?? this.#newName(name);
      this.#kept.set(name, known);
      return [[known, { json: path.replace(/^\./, '') }] as const];
    });
    return sources.length === 0 ? undefined : Object.fromEntries(sources);
  }

  #newName(name: string): string {
    const plain = name.replaceAll(/[^\w-]+/g, '_').replace(/^(?![A-Za-z_])/, '_');
    return this.#names.free(plain, (number) => `${plain}_${number}`);
  }
}

function enabled<Pair extends { readonly key: string; readonly disabled?: boolean | null | undefined }>(
  pairs: readonly Pair[] | null | undefined,
): Pair[] {
  return (pairs ?? []).filter(({ key, disabled }) => key !== '' && !disabled);
}

function linesOf(header: string) {
  return header.split(/\r?\n/).flatMap((line) => {
    const at = line.indexOf(':');
    return at < 1 ? [] : [{ key: line.slice(0, at).trim(), value: line.slice(at + 1) }];
  });
}
