import type { HttpRequestOptions } from '../../../core/script/http.ts';
import { parseDurationUs } from '../../../core/text/duration.ts';
import { MAX_KEPT_BYTES } from '../../../core/text/kept-body.ts';
import { type RequestShape, requestShape, type TimeLimits } from '../exchange.ts';
import { RequestProblem } from './request-problem.ts';

/** As many names as a run may have: what comes after them is made anew for each request. */
const MAX_NAMES = 1000;
/** Shapes of one name that are remembered. */
const MAX_SHAPES = 20;
/** An answer is kept in memory for as long as the script has it. */
const MAX_BODY_BYTES = 256 << 20;

/** What all requests of one name have in common. */
export class NamedRequest {
  /** The name of the row in which they are counted. */
  readonly row: string;
  readonly shape: RequestShape;
  readonly #method: string;
  readonly #label: string;
  readonly #limits: TimeLimits;
  #others: Map<string, RequestShape> | undefined;

  constructor(method: string, label: string, row: string, limits: TimeLimits) {
    this.row = row;
    this.shape = shapeOf(method, label, limits);
    this.#method = method;
    this.#label = label;
    this.#limits = limits;
  }

  /** @throws {RequestProblem} for a time limit or a size that is none */
  shapeFor({ timeout, maxBodyBytes }: HttpRequestOptions): RequestShape {
    if (timeout === undefined && maxBodyBytes === undefined) return this.shape;
    const key = `${timeout} ${maxBodyBytes}`;
    const found = this.#others?.get(key);
    if (found !== undefined) return found;
    const limits = timeout === undefined ? this.#limits : { ...this.#limits, answerMs: milliseconds(timeout) };
    const shape = shapeOf(this.#method, this.#label, limits, maxBodyBytes);
    this.#others ??= new Map();
    if (this.#others.size < MAX_SHAPES) this.#others.set(key, shape);
    return shape;
  }
}

function shapeOf(method: string, label: string, limits: TimeLimits, maxBodyBytes = MAX_KEPT_BYTES): RequestShape {
  if (!Number.isInteger(maxBodyBytes) || maxBodyBytes < 0 || maxBodyBytes > MAX_BODY_BYTES) {
    throw new RequestProblem(`maxBodyBytes is no whole number from 0 to ${MAX_BODY_BYTES}`);
  }
  return requestShape(method, label, limits, { keepHead: true, keepBody: true, keptBytes: maxBodyBytes });
}

function milliseconds(timeout: string): number {
  const us = typeof timeout === 'string' ? parseDurationUs(timeout) : undefined;
  if (us === undefined || us === 0) throw new RequestProblem(`timeout is no duration with a unit such as '5s'`);
  return us / 1000;
}

/** What a URL of the target without options comes to. */
export interface RepeatedRequest {
  readonly named: NamedRequest;
  /** As it is sent, with its query. */
  readonly path: string;
  /** All that is sent, see `RequestWriter.constant`. */
  readonly bytes: Buffer | undefined;
}

/** The requests of one method that scripts have made, by their names. One for all virtual users of a driver in a process. */
export class NamedRequests {
  readonly method: string;
  readonly #limits: TimeLimits;
  readonly #byName = new Map<string, NamedRequest>();
  readonly #byPath = new Map<string, NamedRequest>();
  readonly #byUrl = new Map<string, RepeatedRequest>();

  constructor(method: string, limits: TimeLimits) {
    this.method = method;
    this.#limits = limits;
  }

  /** @throws {RequestProblem} for a name that is none */
  named(name: string): NamedRequest {
    const found = this.#byName.get(name);
    if (found !== undefined) return found;
    if (typeof name !== 'string' || name === '') throw new RequestProblem('name is no text, or an empty one');
    return this.#add(this.#byName, name, name);
  }

  /** @param path without its query */
  at(path: string): NamedRequest {
    return this.#byPath.get(path) ?? this.#add(this.#byPath, path, `${this.method} ${path}`);
  }

  /** What {@link remember} was given for this URL: most scripts send the same few requests again and again. */
  repeated(url: string): RepeatedRequest | undefined {
    return this.#byUrl.get(url);
  }

  /** Whether there is room for one more URL. */
  get remembersMore(): boolean {
    return this.#byUrl.size < MAX_NAMES;
  }

  /** @param url a path of the target */
  remember(url: string, request: RepeatedRequest): void {
    this.#byUrl.set(url, request);
  }

  #add(known: Map<string, NamedRequest>, name: string, row: string): NamedRequest {
    const named = new NamedRequest(this.method, name, row, this.#limits);
    if (known.size < MAX_NAMES) known.set(name, named);
    return named;
  }
}
