import type { Session } from '../../../core/plugin.ts';
import type { Http, HttpAnswer, HttpRequestOptions } from '../../../core/script/http.ts';
import type { RequestRecorder } from '../../../core/script/request-recorder.ts';

type Answer = Promise<HttpAnswer>;

/** The HTTP client of whichever session is in use: a script keeps it, while sessions may be replaced. */
export class ReplacedHttp implements Http {
  readonly #requests: RequestRecorder;
  readonly #sessionInUse: () => Session;
  #session: Session;
  #http: Http;

  /** @param sessionInUse has a client */
  constructor(requests: RequestRecorder, sessionInUse: () => Session) {
    this.#requests = requests;
    this.#sessionInUse = sessionInUse;
    this.#session = sessionInUse();
    this.#http = this.#session.http?.(requests) as Http;
  }

  get(url: string, options?: HttpRequestOptions): Answer {
    return this.request('GET', url, options);
  }

  head(url: string, options?: HttpRequestOptions): Answer {
    return this.request('HEAD', url, options);
  }

  post(url: string, options?: HttpRequestOptions): Answer {
    return this.request('POST', url, options);
  }

  put(url: string, options?: HttpRequestOptions): Answer {
    return this.request('PUT', url, options);
  }

  patch(url: string, options?: HttpRequestOptions): Answer {
    return this.request('PATCH', url, options);
  }

  delete(url: string, options?: HttpRequestOptions): Answer {
    return this.request('DELETE', url, options);
  }

  options(url: string, options?: HttpRequestOptions): Answer {
    return this.request('OPTIONS', url, options);
  }

  request(method: string, url: string, options?: HttpRequestOptions): Answer {
    const session = this.#sessionInUse();
    if (session !== this.#session) {
      this.#session = session;
      // Where there is no session for a while, requests fail on the one that was closed.
      this.#http = session.http?.(this.#requests) ?? this.#http;
    }
    return this.#http.request(method, url, options);
  }
}
