/** What authors of drivers import from `@bench/toolkit/http`: the client of the built-in drivers. This is public API. */
import { z } from 'zod';
import { object } from '../../../core/plan/fields.ts';
import { type DriverContext, PluginError, type VirtualUserContext } from '../../../core/plugin.ts';
import type { Http } from '../../../core/script/http.ts';
import type { TemplateScope } from '../../data/template.ts';
import { openHttpClient } from '../connections/client.ts';
import { openUserAgent } from '../open-user-agent.ts';
import { redirectOriginsSchema, redirectsSchema } from '../redirects/redirect-options.ts';
import { addressOf, connectionOptions, httpSettings } from '../settings.ts';
import { headerValue, lowerName } from './own-headers.ts';
import { RequestProblem } from './request-problem.ts';
import type { DefaultHeader } from './request-writer.ts';
import { ScriptClient } from './script-client.ts';
import { ScriptHttp } from './script-http.ts';

export type * from '../../../core/script/http.ts';

const schema = object({
  headers: z.record(z.string(), z.string()).default({}),
  http2: z.boolean().default(false),
  cookies: z.boolean().default(false),
  redirects: redirectsSchema.default(0),
  redirectOrigins: redirectOriginsSchema,
  ...connectionOptions,
});

/** All may be left out; durations have a unit. They are those of the `http` driver: docs/http.md describes them. */
export type HttpClientOptions = Readonly<z.input<typeof schema>>;

/** The HTTP client of one virtual user. */
export interface ConnectedHttp extends Http {
  /** Cuts off what is in flight. */
  close(): void;
}

/** One driver's HTTP clients in an agent process. */
export interface HttpClients {
  /**
   * The client of one virtual user, which is connected: call it in the driver's `connect`. A target that cannot be reached
   * any more makes its requests fail.
   * @param signal cuts off requests that bring none of their own
   */
  connect(user: VirtualUserContext, signal: AbortSignal): Promise<ConnectedHttp>;
  /** Called once, after the last client is closed. */
  close(): void;
}

/**
 * Opens HTTP for a driver of one's own; call it in the driver's `open`. Requests share the connections of the virtual user
 * with those of all other HTTP drivers of the plan, where the options are the same.
 * @param context what `open` got
 * @param options `baseUrl` stands in for the plan's target
 * @throws {PluginError} when an option is wrong or the server cannot be reached
 */
export async function openHttp(context: DriverContext, options: HttpClientOptions = {}): Promise<HttpClients> {
  const parsed = schema.safeParse(options);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'options'}: ${message}`);
    throw new PluginError(`openHttp: ${problems.join('; ')}`);
  }
  const { headers, http2, cookies, redirects, redirectOrigins, ...rest } = parsed.data;
  const address = addressOf(rest, context, 'openHttp');
  const defaults = defaultHeaders(headers);
  const http = await openHttpClient(address, httpSettings(rest, http2), context);
  const isUserAgent = cookies || redirects > 0;
  const userAgent = isUserAgent
    ? await openUserAgent({ cookies, redirectOrigins, named: [] }, http, 'openHttp')
    : undefined;
  const client = new ScriptClient(http, address.basePath, defaults, { userAgent, redirects });
  return {
    async connect(user, signal) {
      const connected = new ScriptHttp(client, user, scopeOf(user, context.runId), undefined, signal);
      await connected.open(signal);
      return connected;
    },
    close: () => http.close(),
  };
}

function defaultHeaders(headers: Readonly<Record<string, string>>): DefaultHeader[] {
  return Object.entries(headers).map(([name, value]) => {
    try {
      lowerName(name);
      return [name, headerValue(name, value)];
    } catch (error) {
      if (error instanceof RequestProblem) throw new PluginError(`openHttp: headers: ${error.message}`);
      throw error;
    }
  });
}

/** There are no placeholders here, so that only the random stream is used. */
function scopeOf({ index, random, variables }: VirtualUserContext, runId: string): TemplateScope {
  return { vu: index + 1, iteration: 0, runId, random, rows: [], variables };
}
