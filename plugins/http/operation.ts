import {
  compileTemplate,
  type Escape,
  type FindColumn,
  joinTexts,
  type TemplateScope,
  type Text,
} from '../data/template.ts';
import type { TargetAddress } from '../net/target-address.ts';
import { compileBody } from './body/request-body.ts';
import { Checks } from './checks.ts';
import type { HttpOrigin } from './connections/origin.ts';
import type { Http2Request, WireRequest } from './connections/sender.ts';
import { type RequestShape, requestShape } from './exchange.ts';
import { Extract } from './extract.ts';
import { isSteady, type OperationOptions, readsOf } from './operation-options.ts';
import { REDIRECT_STATUSES } from './redirects/redirect-chain.ts';
import { labelOf } from './request-path.ts';
import type { HttpSettings } from './settings.ts';

/** What all operations of a driver share. */
export interface OperationContext {
  /** Where requests go whose path is no whole URL. */
  readonly address: TargetAddress;
  readonly settings: HttpSettings;
  /** Headers of all operations; an operation's own headers override them. */
  readonly headers: OperationOptions['headers'];
  /** Value of the header Accept-Encoding; undefined when it is not sent. */
  readonly acceptEncoding: string | undefined;
  /** Undefined where sessions neither keep cookies nor follow redirects. */
  readonly userAgent: { readonly redirects: number } | undefined;
  readonly baseDirectory: string;
  /** Tells whoever reads the result something about it, in one sentence. */
  readonly warn: (message: string) => void;
  readonly findColumn: FindColumn;
}

/** The compiled parts of a request. */
export interface RequestParts {
  readonly method: string;
  readonly path: Text;
  /** Header names as the plan writes them. For a user agent, without Cookie. */
  readonly headers: readonly (readonly [name: string, value: Text])[];
  /** The plan's own header Cookie, where a user agent adds others to it. */
  readonly cookie: Text | undefined;
  readonly body: Text | undefined;
  /** Variables that a body from a file uses: the plan does not show them. */
  readonly readsInFile: readonly string[];
}

/** A user agent's session. */
export interface CookieScope extends TemplateScope {
  /** The value of the header Cookie for a path with its query; empty for none. */
  cookieFor(target: string): string;
}

const inPath: Escape = encodeURIComponent;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what a header value must not hold
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/g;
/** What stands between the bounds of a header's value. Looking costs less than replacing nothing. */
const PRINTABLE = /^[ -~]*$/;
export const inHeader: Escape = (value) => (PRINTABLE.test(value) ? value : value.replaceAll(CONTROLS, ' '));

/** One operation of the `http` driver: creates its requests and checks its answers. */
export class HttpOperation {
  readonly name: string;
  readonly shape: RequestShape;
  readonly checks: Checks;
  readonly extract: Extract;
  /** Variables that its placeholders use. */
  readonly reads: readonly string[];
  /** How many redirects are followed. */
  readonly redirects: number;
  readonly parts: RequestParts;
  /** The whole request for HTTP/1.1, if it is always the same. */
  readonly constant: { readonly bytes: Buffer; readonly bodyBytes: number } | undefined;
  /** Whether a request with the same variables and cookies as the one before is the same one. */
  readonly repeats: boolean;
  /** Positions of the data sets that its placeholders use. */
  readonly sets: readonly number[];
  renderedBodyBytes = 0;
  /** Told of the first redirect that counts as success, where nobody says that it should; undefined otherwise. */
  #warn: ((message: string) => void) | undefined;
  /** The origin of a whole URL, once the driver has opened it; undefined: the driver's own. */
  origin: HttpOrigin | undefined;
  readonly #address: TargetAddress;
  readonly #http2: boolean;
  readonly #beforeLength: Text;
  /** What ends the head of a request without a body. */
  readonly #withoutBody: string;
  readonly #label: string;
  readonly #wanted: Parameters<typeof requestShape>[3];
  /** By method, of the requests that follow from redirects. */
  readonly #redirectedShapes = new Map<string, RequestShape>();

  /** @throws {PluginError} when a file cannot be read, and whatever `findColumn` throws */
  constructor(name: string, options: OperationOptions, context: OperationContext) {
    const { connection, limits } = context.settings;
    this.name = name;
    this.#address = options.path.origin ?? context.address;
    this.#http2 = connection.http2;
    this.checks = new Checks(options.checks);
    this.extract = new Extract(options.extract);
    const sets = new Set<number>();
    const findColumn: FindColumn = (set, column) => {
      const found = context.findColumn(set, column);
      sets.add(found.set);
      return found;
    };
    this.parts = requestParts(name, options, { ...context, findColumn });
    this.reads = [...new Set([...readsOf(options, context.headers), ...this.parts.readsInFile])];
    this.sets = [...sets];
    this.repeats = !this.#http2 && isSteady(options, context.headers);
    this.redirects = options.redirects ?? context.userAgent?.redirects ?? 0;
    const { checks, extract } = options;
    const isChecked = checks?.status !== undefined || checks?.headers !== undefined || Object.keys(extract).length > 0;
    this.#warn = isChecked || options.redirects !== undefined || this.redirects > 0 ? undefined : context.warn;
    const { method, path, headers, body } = this.parts;
    this.#wanted = {
      keepHead: this.checks.needsHead || this.extract.needsHead,
      keepNavigation: context.userAgent !== undefined,
      keepBody: this.checks.needsBody || this.extract.needsBody,
      isChecked: options.checks !== undefined || Object.keys(options.extract).length > 0 || this.redirects > 0,
    };
    this.#label = labelOf(options.path);
    this.shape = requestShape(method, this.#label, limits, this.#wanted);
    const lines = headers.flatMap(([header, value]) => [`${header}: `, value, '\r\n']);
    const close = connection.connections === 'per-request' ? 'Connection: close\r\n' : '';
    // Requests of methods that usually have a body state that they have none (RFC 9110, 8.6).
    this.#withoutBody = /^(POST|PUT|PATCH)$/.test(method) ? 'Content-Length: 0\r\n\r\n' : '\r\n';
    this.#beforeLength = joinTexts([`${method} `, path, ' HTTP/1.1\r\n', ...lines, close]);
    if (!this.#http2 && typeof this.#beforeLength === 'string' && typeof body !== 'function') {
      const bytes = Buffer.from(this.#whole(this.#beforeLength, body), 'latin1');
      this.constant = { bytes, bodyBytes: body?.length ?? 0 };
    }
  }

  /** Called with the status of each answer that counts as success. */
  succeeded(status: number): void {
    if (this.#warn === undefined || !REDIRECT_STATUSES.has(status)) return;
    this.#warn(
      `operation ${this.name} was answered ${status}: a redirect that is not followed counts as success; add redirects: follow, or checks: { status: 200 } where it should fail`,
    );
    this.#warn = undefined;
  }

  /** The request for the protocol of the driver's connections; {@link renderedBodyBytes} bytes of it are body. */
  render(scope: TemplateScope): WireRequest {
    const body = made(this.parts.body, scope);
    this.renderedBodyBytes = body?.length ?? 0;
    if (this.#http2) return this.#http2Request(body, scope);
    return this.#whole(made(this.#beforeLength, scope), body);
  }

  /** The request with the cookies of a user agent. */
  renderWithCookie(scope: CookieScope): WireRequest {
    const body = made(this.parts.body, scope);
    this.renderedBodyBytes = body?.length ?? 0;
    if (this.#http2) {
      const request = this.#http2Request(body, scope);
      const cookie = scope.cookieFor(request.headers[':path'] as string);
      return cookie === '' ? request : { ...request, headers: { ...request.headers, cookie } };
    }
    const beforeLength = made(this.#beforeLength, scope);
    const { path } = this.parts;
    // A path with placeholders is made once: random ones would be others the second time.
    const cookie = scope.cookieFor(typeof path === 'string' ? path : targetOf(beforeLength));
    if (cookie !== '') return this.#whole(`${beforeLength}Cookie: ${cookie}\r\n`, body);
    return this.constant?.bytes ?? this.#whole(beforeLength, body);
  }

  /** What a connection must know about a request that follows from a redirect. */
  redirectedShape(method: string): RequestShape {
    let shape = this.#redirectedShapes.get(method);
    if (shape === undefined) {
      shape = { ...requestShape(method, this.#label, this.shape.limits, this.#wanted), label: this.shape.label };
      this.#redirectedShapes.set(method, shape);
    }
    return shape;
  }

  #http2Request(body: string | undefined, scope: TemplateScope): Http2Request {
    const { method, path, headers: named } = this.parts;
    const { secure, authority } = this.#address;
    const headers: Record<string, string> = {
      ':method': method,
      ':scheme': secure ? 'https' : 'http',
      ':authority': authority,
      ':path': made(path, scope),
    };
    for (const [name, value] of named) {
      headers[name.toLowerCase() === 'host' ? ':authority' : name.toLowerCase()] = made(value, scope);
    }
    return { headers, body: body === undefined ? undefined : Buffer.from(body, 'latin1') };
  }

  #whole(beforeLength: string, body: string | undefined): string {
    if (body === undefined) return beforeLength + this.#withoutBody;
    return `${beforeLength}Content-Length: ${body.length}\r\n\r\n${body}`;
  }
}

/** Path and query, as a request line has them. */
function targetOf(head: string): string {
  const start = head.indexOf(' ') + 1;
  return head.slice(start, head.indexOf(' ', start));
}

/** @returns the text for this scope */
export function made<T extends Text | undefined>(
  text: T,
  scope: TemplateScope,
): T extends Text ? string : string | undefined;
export function made(text: Text | undefined, scope: TemplateScope): string | undefined {
  return typeof text === 'function' ? text(scope) : text;
}

function requestParts(name: string, options: OperationOptions, context: OperationContext): RequestParts {
  const { address, baseDirectory, findColumn } = context;
  const body =
    options.body && compileBody(options.body, { place: `operations.${name}.body`, baseDirectory, findColumn });
  const own = Object.entries(options.headers);
  const ownNames = new Set(own.map(([header]) => header.toLowerCase()));
  if (body?.ownsContentType) ownNames.add('content-type');
  const shared = Object.entries(context.headers).filter(([header]) => !ownNames.has(header.toLowerCase()));
  const written = [...own, ...shared].map(([header, value]): [string, Text] => [
    header,
    compileTemplate(value, inHeader, findColumn),
  ]);
  const isCookie = ([header]: readonly [string, Text]) => header.toLowerCase() === 'cookie';
  const cookie = context.userAgent && written.find(isCookie)?.[1];
  const names = new Set(written.map(([header]) => header.toLowerCase()));
  const standard: readonly (readonly [string, Text | undefined])[] = [
    ['Host', (options.path.origin ?? address).authority],
    ['User-Agent', 'bench'],
    ['Accept', '*/*'],
    ['Accept-Encoding', context.acceptEncoding],
    ['Content-Type', body?.contentType],
  ];
  const missing = standard.filter(
    (header): header is [string, Text] => header[1] !== undefined && !names.has(header[0].toLowerCase()),
  );
  const path = compileTemplate(options.path.template, inPath, findColumn);
  return {
    method: options.method,
    path: joinTexts([options.path.origin === undefined ? address.basePath : '', path]),
    headers: [...missing, ...written].filter((header) => cookie === undefined || !isCookie(header)),
    cookie,
    body: body?.text,
    readsInFile: body?.readsInFile ?? [],
  };
}
