import { PluginError } from '../../../core/plugin.ts';
import { compileTemplate, type Placeholder, type TemplateScope, type Text } from '../../data/template.ts';
import type { HttpOrigin } from '../connections/origin.ts';
import type { Http2Request, WireRequest } from '../connections/sender.ts';
import { inHeader, made } from '../operation.ts';
import type { OperationOptions } from '../operation-options.ts';
import type { HeaderBlocks } from './header-blocks.ts';
import { addHttp2Headers, headerLines } from './own-headers.ts';
import type { RequestContent } from './request-content.ts';

/** A header of all requests of a driver, as its options write the name. */
export type DefaultHeader = readonly [name: string, value: Text];

/** Methods whose requests state that they have no body (RFC 9110, 8.6). */
const SAYS_NO_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
const NO_NAMES: readonly string[] = [];
const COOKIE_NAME: readonly string[] = ['cookie'];

/** Writes requests to one origin, for the protocol of its connections. One for all virtual users of a driver in a process. */
export class RequestWriter {
  readonly #isHttp2: boolean;
  readonly #scheme: string;
  readonly #authority: string;
  readonly #defaults: readonly (readonly [lower: string, name: string, value: Text])[];
  readonly #lower: ReadonlySet<string>;
  /** The lines of all default headers, where they are always the same. */
  readonly #constantLines: string | undefined;
  readonly #connectionLine: string;

  /** @param headers those of the driver; a request may override them */
  constructor({ address, settings, connectionPerRequest }: HttpOrigin, headers: readonly DefaultHeader[]) {
    this.#isHttp2 = settings.http2;
    this.#scheme = address.secure ? 'https' : 'http';
    this.#authority = address.authority;
    const given = new Set(headers.map(([name]) => name.toLowerCase()));
    const standard: readonly DefaultHeader[] = [
      ['Host', address.authority],
      ['User-Agent', 'bench'],
      ['Accept', '*/*'],
    ];
    const all = [...standard.filter(([name]) => !given.has(name.toLowerCase())), ...headers];
    this.#defaults = all.map(([name, value]) => [name.toLowerCase(), name, value]);
    this.#lower = new Set(this.#defaults.map(([lower]) => lower));
    const isConstant = all.every(([, value]) => typeof value === 'string');
    this.#constantLines = isConstant
      ? all.map(([name, value]) => `${name}: ${value as string}\r\n`).join('')
      : undefined;
    this.#connectionLine = connectionPerRequest ? 'Connection: close\r\n' : '';
  }

  /**
   * @param scope for placeholders in the driver's headers
   * @param cookie all cookies that the request sends, in place of those of its headers; empty for what these say
   * @param blocks those of the virtual user
   * @throws {RequestProblem} for a header that cannot be sent
   */
  write(content: RequestContent, scope: TemplateScope, cookie: string, blocks: HeaderBlocks): WireRequest {
    return this.#isHttp2 ? this.#http2(content, scope, cookie) : this.#http1(content, scope, cookie, blocks);
  }

  /**
   * A request without options and cookies.
   * @returns its bytes; undefined where they are not always the same, and with HTTP/2
   */
  constant(method: string, path: string): Buffer | undefined {
    if (this.#isHttp2 || this.#constantLines === undefined) return undefined;
    const head = `${method} ${path} HTTP/1.1\r\n${this.#constantLines}${this.#connectionLine}`;
    return Buffer.from(`${head}${noBodyLine(method)}\r\n`, 'latin1');
  }

  #http1(content: RequestContent, scope: TemplateScope, cookie: string, blocks: HeaderBlocks): string {
    const { method, path, body } = content;
    const isSteady = this.#constantLines !== undefined && !body?.ownsContentType;
    let block = isSteady ? blocks.find(content, cookie) : undefined;
    if (block === undefined) {
      block = this.#block(content, scope, cookie);
      if (isSteady) blocks.keep(content, cookie, block);
    }
    const head = `${method} ${path}${block}`;
    return body === undefined ? head : `${head}${body.text.length}\r\n\r\n${body.text}`;
  }

  /** What stands between the path and the end of the head, or the size of the body where there is one. */
  #block({ method, headers, body }: RequestContent, scope: TemplateScope, cookie: string): string {
    let names = cookie === '' ? NO_NAMES : COOKIE_NAME;
    let own = '';
    if (headers !== undefined) {
      const found: string[] = [...names];
      own = headerLines(headers, found, cookie !== '');
      names = found;
    }
    if (cookie !== '') own += `Cookie: ${cookie}\r\n`;
    const isTyped = this.#lower.has('content-type') || names.includes('content-type');
    if (body?.ownsContentType) names = [...names, 'content-type'];
    const lines = ` HTTP/1.1\r\n${this.#defaultLines(names, scope)}${own}${this.#connectionLine}`;
    if (body === undefined) return `${lines}${noBodyLine(method)}\r\n`;
    const type = isTyped && !body.ownsContentType ? '' : `Content-Type: ${body.contentType}\r\n`;
    return `${lines}${type}Content-Length: `;
  }

  #defaultLines(overridden: readonly string[], scope: TemplateScope): string {
    if (this.#constantLines !== undefined && !overridden.some((lower) => this.#lower.has(lower))) {
      return this.#constantLines;
    }
    let lines = '';
    for (const [lower, name, value] of this.#defaults) {
      if (!overridden.includes(lower)) lines += `${name}: ${made(value, scope)}\r\n`;
    }
    return lines;
  }

  #http2({ method, path, headers, body }: RequestContent, scope: TemplateScope, cookie: string): Http2Request {
    const all: Record<string, string> = {
      ':method': method,
      ':scheme': this.#scheme,
      ':authority': this.#authority,
      ':path': path,
    };
    if (body !== undefined) all['content-type'] = body.contentType;
    for (const [lower, , value] of this.#defaults) all[lower === 'host' ? ':authority' : lower] = made(value, scope);
    if (body?.ownsContentType) all['content-type'] = body.contentType;
    if (headers !== undefined) addHttp2Headers(headers, all);
    if (cookie !== '') all.cookie = cookie;
    return { headers: all, body: body === undefined ? undefined : Buffer.from(body.text, 'latin1') };
  }
}

function noBodyLine(method: string): string {
  return SAYS_NO_BODY.has(method) ? 'Content-Length: 0\r\n' : '';
}

/**
 * The headers of a driver, for the requests of scripts.
 * @param acceptEncoding undefined when it is not sent
 * @throws {PluginError} for a placeholder that has a value only in the operations of a plan
 */
export function driverHeaders(
  headers: OperationOptions['headers'],
  acceptEncoding: string | undefined,
): DefaultHeader[] {
  const compiled = Object.entries(headers).map(([name, template]): DefaultHeader => {
    const unusable = template.map(ofThePlan).find((written) => written !== undefined);
    if (unusable !== undefined) {
      throw new PluginError(
        `the header ${name} of the driver http has the placeholder ${unusable}, which requests of a script have no value for: give the header in the script`,
      );
    }
    return [name, compileTemplate(template, inHeader, noColumn)];
  });
  const isGiven = compiled.some(([name]) => name.toLowerCase() === 'accept-encoding');
  return acceptEncoding === undefined || isGiven ? compiled : [['Accept-Encoding', acceptEncoding], ...compiled];
}

/** A column or a variable of the plan. @returns as the plan writes it; undefined for what every user has */
function ofThePlan(part: string | Placeholder): string | undefined {
  if (typeof part === 'string') return undefined;
  if (part.kind === 'column') return `\${${part.set}.${part.column}}`;
  return part.kind === 'variable' ? `\${${part.name}}` : undefined;
}

function noColumn(): never {
  throw new Error('a header of a script has no column');
}
