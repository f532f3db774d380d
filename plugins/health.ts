import { z } from 'zod';
import { object } from '../core/plan/fields.ts';
import { type Driver, defineDriver, type Outcome, type Session, type VirtualUserContext } from '../core/plugin.ts';
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

const NAME = 'health';

const options = object({
  path: plainPath.default('/health').describe('Path to request. Default: /health.'),
  contains: z.string().default('"ok"').describe('Text that a healthy answer contains. Default: "ok", with the quotes.'),
  ...connectionOptions,
});

/** Checks the target's health: status 200, and a body that says so. */
export default defineDriver<z.output<typeof options>>({
  name: NAME,
  description: "Checks the target's health: GET, status 200, and a body that says ok.",
  limitsOperations: true,
  options,
  operations: () => [{ name: 'health', type: 'GET' }],

  files: connectionFiles,
  targetProblem,

  async open({ path, contains, ...rest }, context): Promise<Driver> {
    const address = addressOf(rest, context, NAME);
    const settings = httpSettings(rest);
    const client = await openHttpClient(address, settings, context);
    const head = requestHead('GET', path, address, settings.connection);
    const request = Buffer.from(`${head}\r\n`, 'latin1');
    const shape = requestShape('GET', path, settings.limits, { keepBody: true });
    const wanted = Buffer.from(contains);
    return {
      async connect(user, signal) {
        const session = new HealthSession(client, user, shape, request, wanted);
        await session.open(signal);
        return session;
      },
      close: () => client.close(),
    };
  },
});

class HealthSession implements Session, Judge {
  readonly wantsDetail: Judge['wantsDetail'];
  readonly isTraced: boolean;
  readonly #client: HttpClient;
  readonly #user: HttpUser;
  readonly #sender: Sender;
  readonly #shape: RequestShape;
  readonly #request: Buffer;
  readonly #wanted: Buffer;

  constructor(client: HttpClient, user: VirtualUserContext, shape: RequestShape, request: Buffer, wanted: Buffer) {
    this.wantsDetail = user.wantsDetail;
    this.isTraced = user.wantsDetail('');
    this.#client = client;
    this.#user = client.join(user, this);
    this.#sender = this.#user.senderTo(client.origin);
    this.#shape = shape;
    this.#request = request;
    this.#wanted = wanted;
  }

  open(signal: AbortSignal): Promise<void> {
    return this.#sender.open(this.#client.settings.limits, signal);
  }

  send(_operation: string, signal: AbortSignal): Promise<Outcome> {
    return this.#sender.send(this, this.#shape, this.#request, 0, signal);
  }

  judge(exchange: Exchange, answer: Answer, shape: RequestShape): void {
    judgeStatus(exchange, shape);
    if (!exchange.ok) return;
    if (exchange.status !== 200) {
      exchange.fail('check_failed', `${shape.label}: the status is ${exchange.status}, not 200`);
    } else if (!answer.body.includes(this.#wanted)) {
      exchange.fail('check_failed', `${shape.label}: the body does not contain ${this.#wanted}`);
    }
  }

  close(): void {
    this.#user.leave(this);
  }
}
