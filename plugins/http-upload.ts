import { z } from 'zod';
import { object } from '../core/plan/fields.ts';
import type { RandomStream } from '../core/plan/random.ts';
import {
  type Driver,
  defineDriver,
  type Outcome,
  type Session,
  type VirtualUserContext,
  type WriteTally,
} from '../core/plugin.ts';
import { isDatabaseUrl } from '../core/secrets/database-url.ts';
import { reconcileWhenSettled } from '../core/stats/reconcile.ts';
import { type HttpClient, openHttpClient } from './http/connections/client.ts';
import type { HttpUser } from './http/connections/http-user.ts';
import type { Sender } from './http/connections/sender.ts';
import {
  type Answer,
  type Exchange,
  type Judge,
  judgeStatus,
  type RequestShape,
  requestShape,
} from './http/exchange.ts';
import { requestHead } from './http/request-head.ts';
import {
  addressOf,
  connectionFiles,
  connectionOptions,
  httpSettings,
  plainPath,
  targetProblem,
} from './http/settings.ts';
import { hostFilesIn, tlsFiles, tlsSchema, urlSchema } from './mysql/address.ts';
import { checkDatabase, SETTLE, storedUploads } from './verify/stored-uploads.ts';

const NAME = 'http-upload';
const DEVICE_DIGITS = 5;
const VALUE_MAX_HUNDREDTHS = 100_000;
const VALUE_CHARACTERS = '1000.00'.length;

const options = object({
  path: plainPath.default('/api/test/upload').describe('Path that receives the uploads. Default: /api/test/upload.'),
  devicePrefix: z
    .string()
    .regex(/^[\w-]{0,24}$/, { error: 'must have at most 24 letters, digits, - or _' })
    .default('device-')
    .describe(
      'A device id is the run id, a dash, this prefix and a number from 00001. Each driver of this kind needs another prefix. Default: device-.',
    ),
  verify: object({
    db: urlSchema.describe(
      `The target's database, in which rows are counted instead of asking the target: a SQLite file relative to the plan, or mysql://user:\${env:NAME}@host:port/database.`,
    ),
    tls: tlsSchema.optional().describe('Encrypt the connection to a MySQL server.'),
  })
    .optional()
    .describe("Where stored rows are counted. Default: the target's GET <path>/count."),
  ...connectionOptions,
});

/** Each virtual user is a device that uploads values. */
export default defineDriver<z.output<typeof options>>({
  name: NAME,
  description: 'Uploads device data as JSON over HTTP and checks that every acknowledged write is stored.',
  limitsOperations: true,
  options,
  operations: () => [{ name: 'upload', type: 'POST' }],

  // A database of `verify` is that of the target, and stays where it is.
  targetProblem,
  files: ({ verify, ...rest }) => [...connectionFiles(rest), ...tlsFiles(verify?.db ?? '', verify?.tls)],
  hostFiles: ({ verify }) =>
    verify === undefined || isDatabaseUrl(verify.db) ? hostFilesIn(verify?.db ?? '') : [verify.db],

  clash({ options: { devicePrefix } }, { options: other }) {
    const earlier = other.devicePrefix;
    if (!devicePrefix.startsWith(earlier) && !earlier.startsWith(devicePrefix)) return undefined;
    const message = `"${devicePrefix}" and the "${earlier}" of another ${NAME} driver begin alike, and each would count the other's rows: give each driver a devicePrefix of its own`;
    return { path: ['devicePrefix'], message };
  },

  async open({ path, devicePrefix, ...rest }, context): Promise<Driver> {
    const address = addressOf(rest, context, NAME);
    const settings = httpSettings(rest);
    const client = await openHttpClient(address, settings, context);
    const head = requestHead('POST', path, address, settings.connection);
    const shape = requestShape('POST', path, settings.limits);
    return {
      async connect(user, signal) {
        const number = String(user.index + 1).padStart(DEVICE_DIGITS, '0');
        const device = `${deviceStart(context.runId, devicePrefix)}${number}`;
        const session = new UploadSession(client, user, shape, head, device, context.tally(device));
        await session.open(signal);
        return session;
      },
      close: () => client.close(),
    };
  },

  // A database that cannot be asked is reported before the load, and not after it.
  prepare: ({ verify }, context) => checkDatabase(verify, context),

  async verify(options, context) {
    const stored = storedUploads(NAME, options, deviceStart(context.runId, options.devicePrefix), context);
    context.progress(`comparing acknowledged writes with stored rows (${stored.sourceDescription})`);
    return reconcileWhenSettled(context.writes, stored, SETTLE, context.signal);
  },
});

/** Prefix of all device ids of a driver. */
function deviceStart(runId: string, devicePrefix: string): string {
  return `${runId}-${devicePrefix}`;
}

class UploadSession implements Session, Judge {
  readonly wantsDetail: Judge['wantsDetail'];
  readonly isTraced: boolean;
  readonly #client: HttpClient;
  readonly #user: HttpUser;
  readonly #sender: Sender;
  readonly #shape: RequestShape;
  /** One request that is reused: only the digits of its value change. */
  readonly #request: Buffer;
  readonly #valueAt: number;
  readonly #bodyBytes: number;
  readonly #random: RandomStream;
  readonly #tally: WriteTally;

  constructor(
    client: HttpClient,
    user: VirtualUserContext,
    shape: RequestShape,
    head: string,
    device: string,
    tally: WriteTally,
  ) {
    this.wantsDetail = user.wantsDetail;
    this.isTraced = user.wantsDetail('');
    this.#client = client;
    this.#user = client.join(user, this);
    this.#sender = this.#user.senderTo(client.origin);
    this.#shape = shape;
    const body = `{"device_id":"${device}","test_data":${' '.repeat(VALUE_CHARACTERS)}}`;
    const request = `${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    this.#request = Buffer.from(request, 'latin1');
    this.#valueAt = request.length - VALUE_CHARACTERS - 1;
    this.#bodyBytes = body.length;
    this.#random = user.random;
    this.#tally = tally;
  }

  open(signal: AbortSignal): Promise<void> {
    return this.#sender.open(this.#client.settings.limits, signal);
  }

  send(_operation: string, signal: AbortSignal): Promise<Outcome> {
    writeHundredths(this.#request, this.#valueAt, this.#random.integer(VALUE_MAX_HUNDREDTHS + 1));
    return this.#sender.send(this, this.#shape, this.#request, this.#bodyBytes, signal);
  }

  judge(exchange: Exchange, _answer: Answer, shape: RequestShape): void {
    const answered = exchange.ok;
    judgeStatus(exchange, shape);
    if (exchange.ok && exchange.status < 300) this.#tally.acknowledged += 1;
    // A server that failed does not tell whether it had already stored the row.
    else if (answered ? exchange.status >= 500 : exchange.written) this.#tally.unknown += 1;
  }

  close(): void {
    this.#user.leave(this);
  }
}

const SPACE = 32;
const DOT = 46;
const ZERO = 48;

/** Writes a value of 0.00 to 1000.00 right-aligned into {@link VALUE_CHARACTERS} bytes, at half the cost of a new string. */
function writeHundredths(bytes: Buffer, at: number, hundredths: number): void {
  bytes[at + 6] = ZERO + (hundredths % 10);
  bytes[at + 5] = ZERO + (Math.trunc(hundredths / 10) % 10);
  bytes[at + 4] = DOT;
  let rest = Math.trunc(hundredths / 100);
  for (let i = at + 3; i >= at; i--) {
    bytes[i] = rest === 0 && i < at + 3 ? SPACE : ZERO + (rest % 10);
    rest = Math.trunc(rest / 10);
  }
}
