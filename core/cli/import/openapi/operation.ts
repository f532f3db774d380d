import type { ParamValue } from '../../../plan/params/declaration.ts';
import { formOption, multipartOption } from '../bodies.ts';
import type { ImportedRequest } from '../imported-plan.ts';
import { beginning, decodedText, literal, parameter, percentEncoded, planPath } from '../plan-text.ts';
import type { SecretValues } from '../secret-values.ts';
import { exampleOf, hasExample, literalJson, simpleText } from './examples.ts';
import { pathText, queryFields } from './parameter-text.ts';
import { PathParams } from './path-params.ts';
import { targetOf } from './servers.ts';
import { type Fields, isFields, type Specification, textOf } from './specification.ts';

const JSON_TYPE = /^(?:application\/json|[\w.+-]+\/[\w.+-]+\+json)\b/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded\b/i;
const MULTIPART_TYPE = /^multipart\/form-data\b/i;
/** OpenAPI 3.1.1, 4.8.12.1: these parameters are said elsewhere in the document. */
const NOT_PARAMETERS = ['accept', 'content-type', 'authorization'];

/** Makes requests of a document's operations. Parameters in paths become parameters of the plan. */
export class OperationReader {
  readonly params = new PathParams();
  readonly notes: string[] = [];
  readonly #specification: Specification;
  readonly #secrets: SecretValues;
  readonly #target: string;

  constructor(specification: Specification, secrets: SecretValues, target: string) {
    this.#specification = specification;
    this.#secrets = secrets;
    this.#target = target;
  }

  /**
   * The origin of what it returns may have a path.
   * @param item the document's entry for the path
   * @throws {SpecificationError}
   */
  request(path: string, item: Fields, method: string): ImportedRequest {
    const at = ['paths', path, method];
    const operation = this.#specification.fields(item[method], at);
    const sent = new Sent();
    let written = literal(path);
    for (const [name, part] of this.#parameters(path, item, operation, at)) {
      const place = [...at, 'parameters'];
      if (part.in === 'path') written = written.replaceAll(`{${name}}`, this.#pathParam(path, name, part, place));
      else if (part.required === true || hasExample(part)) this.#add(sent, name, part, place);
    }
    this.#secure(sent, operation, at);
    const title = `${method.toUpperCase()} ${path}`;
    const body = method === 'get' || method === 'head' ? undefined : this.#body(title, operation, sent, at);
    const servers = operation.servers ?? item.servers;
    const query = sent.query.join('&');
    if (sent.cookies.length > 0) sent.headers.Cookie = sent.cookies.join('; ');
    const missing = /(?<!\$)\{([^{}]+)\}/.exec(written)?.[1];
    if (missing !== undefined) throw this.#specification.error(at, `does not say what {${missing}} in its path is`);
    return {
      name: textOf(operation.operationId) ?? title,
      method: method.toUpperCase(),
      origin: servers === undefined ? this.#target : targetOf(this.#specification, servers, at, this.#target).target,
      path: planPath(query === '' ? written : `${written}?${query}`),
      headers: sent.headers,
      body,
    };
  }

  /** Those of the operation and of its path, of which the operation's own count, by place and name. */
  #parameters(
    path: string,
    item: Fields,
    operation: Fields,
    at: readonly PropertyKey[],
  ): [name: string, part: Fields][] {
    const all = new Map<string, [string, Fields]>();
    const list = [
      ...this.#specification.list(item.parameters, ['paths', path, 'parameters']),
      ...this.#specification.list(operation.parameters, [...at, 'parameters']),
    ];
    for (const part of list) {
      const name = textOf(part.name);
      if (name === undefined) throw this.#specification.error([...at, 'parameters'], 'one of them has no name');
      all.set(`${String(part.in)} ${name}`, [name, part]);
    }
    return [...all.values()];
  }

  #pathParam(path: string, name: string, part: Fields, at: readonly PropertyKey[]): string {
    const example = exampleOf(this.#specification, part, at);
    const value = typeof example === 'number' ? literalJson(example) : pathText(example);
    const description = beginning(textOf(part.description)?.split('\n')[0] ?? '', 200) || undefined;
    return parameter(this.params.nameOf({ name, path, value: value as ParamValue, description }));
  }

  #add(sent: Sent, name: string, part: Fields, at: readonly PropertyKey[]): void {
    const value = this.#valueOf(part, at);
    const plain = literal(simpleText(value));
    if (part.in === 'query') {
      for (const [field, text] of queryFields(name, value, part)) sent.query.push(this.#queryField(field, text));
    } else if (part.in === 'header' && !NOT_PARAMETERS.includes(name.toLowerCase())) {
      sent.headers[name] = this.#secrets.header(name, plain);
    } else if (part.in === 'cookie') {
      sent.cookies.push(`${name}=${this.#secrets.replace(`cookie ${name}`, `cookie ${name}`, name)}`);
    }
  }

  /** A parameter may be a document of its own, such as JSON in a query (OpenAPI 3.1.1, 4.8.12.2). */
  #valueOf(part: Fields, at: readonly PropertyKey[]): unknown {
    const [media] = Object.entries(isFields(part.content) ? part.content : {});
    if (media === undefined) return exampleOf(this.#specification, part, at);
    const [type, definition] = media;
    const value = exampleOf(this.#specification, this.#specification.fields(definition, at), at);
    return JSON_TYPE.test(type) && typeof value !== 'string' ? JSON.stringify(value ?? null) : value;
  }

  /** @param name percent-encoded @param value percent-encoded */
  #queryField(name: string, value: string): string {
    const plain = literal(decodedText(value));
    const secret = this.#secrets.field(decodedText(name), plain, 'query');
    return `${name}=${secret === plain ? value : secret}`;
  }

  /** The first way to be let in; an empty one means that nothing is needed (OpenAPI 3.1.1, 4.8.30). */
  #secure(sent: Sent, operation: Fields, at: readonly PropertyKey[]): void {
    const { root } = this.#specification;
    const ways = operation.security ?? root.security;
    const [way] = Array.isArray(ways) ? (ways as unknown[]) : [];
    const components = this.#specification.fields(root.components, ['components']);
    const schemes = isFields(components.securitySchemes) ? components.securitySchemes : {};
    for (const name of Object.keys(isFields(way) ? way : {})) {
      if (schemes[name] === undefined) {
        throw this.#specification.error(
          [...at, 'security'],
          `names ${name}, which is not among components.securitySchemes`,
        );
      }
      this.#let(sent, name, this.#specification.fields(schemes[name], ['components', 'securitySchemes', name]));
    }
  }

  #let(sent: Sent, name: string, scheme: Fields): void {
    const { type, in: place } = scheme;
    const kind = textOf(scheme.scheme)?.toLowerCase();
    const field = textOf(scheme.name) ?? name;
    const variable = (called: string) => this.#secrets.replace(`security ${name}`, `security scheme ${name}`, called);
    if (type === 'http' && kind === 'basic') sent.headers.Authorization = `Basic ${variable('BASIC_CREDENTIALS')}`;
    else if (type === 'http' || type === 'oauth2' || type === 'openIdConnect') {
      sent.headers.Authorization = `Bearer ${variable('TOKEN')}`;
    } else if (type === 'apiKey' && place === 'header') sent.headers[field] = variable('API_KEY');
    else if (type === 'apiKey' && place === 'query') sent.query.push(`${percentEncoded(field)}=${variable('API_KEY')}`);
    else if (type === 'apiKey' && place === 'cookie') sent.cookies.push(`${field}=${variable('API_KEY')}`);
    else {
      const note = `The security scheme ${name} (${String(type)}) is left out: see tls of the driver's options.`;
      if (!this.notes.includes(note)) this.notes.push(note);
    }
  }

  #body(title: string, operation: Fields, sent: Sent, at: readonly PropertyKey[]): unknown {
    const path = [...at, 'requestBody'];
    const { content } = this.#specification.fields(operation.requestBody, path);
    const media = Object.entries(isFields(content) ? content : {});
    const found = [JSON_TYPE, FORM_TYPE, MULTIPART_TYPE, /./].flatMap((wanted) =>
      media.filter(([type]) => wanted.test(type)),
    )[0];
    if (found === undefined) return undefined;
    const [type, definition] = found;
    const example = exampleOf(this.#specification, this.#specification.fields(definition, path), path);
    if (JSON_TYPE.test(type)) {
      if (!/^application\/json$/i.test(type)) sent.headers['Content-Type'] = type;
      return { json: this.#secrets.json(literalJson(example ?? null), 'JSON field') };
    }
    // A list is one field for each of its values.
    const fields = Object.entries(isFields(example) ? example : {}).flatMap(([name, given]) => {
      const values: unknown[] = [given].flat();
      return values.map(
        (value) => [name, this.#secrets.field(name, literal(simpleText(value)), 'form field')] as const,
      );
    });
    if (MULTIPART_TYPE.test(type) && fields.length > 0) return multipartOption(fields);
    sent.headers['Content-Type'] = type;
    if (FORM_TYPE.test(type) && fields.length > 0) return formOption(fields);
    if (typeof example === 'string' && example !== '') return literal(example);
    this.notes.push(`${title} takes ${type}, of which the document has no text as an example: give it a body.`);
    return undefined;
  }
}

class Sent {
  readonly headers: Record<string, string> = {};
  readonly query: string[] = [];
  readonly cookies: string[] = [];
}
