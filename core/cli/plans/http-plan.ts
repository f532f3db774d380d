import type { PlanInput } from '../../plan/schema.ts';
import { formatDuration } from '../../text/duration.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';

/** One request, and how often it is made: what `bench http` is told. */
export interface HttpPlanFlags {
  readonly connections: number;
  readonly duration?: string;
  readonly requests?: number;
  /** Per second. */
  readonly rate?: number;
  readonly method?: string;
  readonly header?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: string;
  readonly bodyFile?: string;
  readonly http2?: boolean;
  readonly insecure?: boolean;
  readonly timeout?: string;
  readonly warmup?: string;
  readonly threshold?: readonly string[];
}

const DEFAULT_DURATION = '10s';
/** The row of the results table. */
const OPERATION = 'request';

/**
 * The plan of `bench http`: one operation of the `http` driver in one scenario.
 * @throws {CommandError} when the URL or two flags together make no plan
 */
export function httpPlan(url: string, flags: HttpPlanFlags): PlanInput {
  const { origin, pathname, search, host } = parsedUrl(url);
  const body = bodyOf(flags);
  const method = flags.method?.toUpperCase() ?? (body === undefined ? 'GET' : 'POST');
  const request = {
    method,
    path: withPlaceholders(`${pathname}${search}`),
    ...(flags.header && { headers: flags.header }),
    ...(body !== undefined && { body }),
  };
  const options = {
    operations: { [OPERATION]: request },
    ...(flags.http2 && { http2: true }),
    ...(flags.timeout !== undefined && { timeout: flags.timeout }),
    ...(flags.insecure && { tls: { insecure: true } }),
  };
  return {
    name: `${method} ${host}${withPlaceholders(pathname)}`.replaceAll(/[<>|"'`\n\r\t]/g, '_').slice(0, 80),
    target: origin,
    ...(flags.warmup !== undefined && { warmup: flags.warmup }),
    drivers: { http: { options } },
    scenarios: { [OPERATION]: { ...loadOf(flags), operations: [{ driver: 'http', operation: OPERATION }] } },
    thresholds: [...(flags.threshold ?? [])],
    reports: [],
  };
}

/** As many requests as asked for, or for as long as asked for; at a rate, or as fast as the connections bear. */
function loadOf({ connections, duration, requests, rate }: HttpPlanFlags) {
  if (duration !== undefined && requests !== undefined) {
    throw invalid('--duration and --requests cannot be given together: say how long, or how many.');
  }
  if (rate === undefined && requests !== undefined) {
    const vus = Math.min(connections, requests);
    return { executor: 'shared-iterations' as const, vus, iterations: requests, maxDuration: '24h' };
  }
  if (rate === undefined)
    return { executor: 'constant-vus' as const, vus: connections, duration: duration ?? DEFAULT_DURATION };
  const lasts =
    requests === undefined
      ? (duration ?? DEFAULT_DURATION)
      : formatDuration(Math.ceil(((requests - 0.5) / rate) * 1e6));
  return { executor: 'constant-arrival-rate' as const, rate, duration: lasts, maxVus: connections };
}

function bodyOf({ json, body, bodyFile }: HttpPlanFlags) {
  const given = Object.entries({ '--json': json, '--body': body, '--body-file': bodyFile }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length > 1) throw invalid(`${given.map(([name]) => name).join(' and ')} cannot be given together.`);
  if (json !== undefined) return { json };
  return bodyFile === undefined ? body : { file: bodyFile };
}

function parsedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw invalid(`"${text}" is not an address of HTTP: write it like http://127.0.0.1:5002/path.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(
      `The address holds a user name or a password: send it as a header instead, -H 'Authorization: Basic …'.`,
    );
  }
  return url;
}

/** A URL encodes braces; in a path they are placeholders, such as `${uuid}`. */
function withPlaceholders(path: string): string {
  return path.replaceAll(/\$(?:%7B|\{)(.*?)(?:%7D|\})/gi, (all, inner: string) => {
    try {
      return `\${${decodeURIComponent(inner)}}`;
    } catch {
      return all;
    }
  });
}

function invalid(message: string): CommandError {
  return new CommandError(message, EXIT.invalidInput);
}
