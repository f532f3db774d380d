import { type DriverPlugin, defineDriver, type Outcome } from '../../core/plugin.ts';
import type { FakeClock } from '../../testing/fake-clock.ts';
import { OK } from './engine.ts';

const OPERATIONS = ['page', 'sign-in', 'list', 'order', 'status'] as const;
export type ShopOperation = (typeof OPERATIONS)[number];

/** How long each request takes. */
const REQUEST_US = 10_000;

export interface ShopCall {
  readonly user: number;
  readonly name: string;
  readonly atUs: number;
  readonly pass: number | undefined;
  /** Those of the virtual user when it called. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The driver of a shop: every request takes 10 ms; what comes of it, and which variables it sets, a test decides. */
export class ShopDriver {
  readonly calls: ShopCall[] = [];
  readonly plugin: DriverPlugin;

  /** @param connects called when a virtual user connects; it cannot when this throws */
  constructor(
    clock: FakeClock,
    answer: (name: ShopOperation, variables: Map<string, string>, user: number) => Outcome = () => OK,
    connects: (user: number) => void = () => {},
  ) {
    this.plugin = defineDriver({
      name: 'shop',
      description: '',
      options: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
      operations: () => OPERATIONS.map((name) => ({ name, type: 'TEST', sets: ['state', 'token', 'item'] })),
      open: () => ({
        connect: (user) => {
          const { index, variables } = user;
          connects(index);
          return {
            send: (name, signal) => {
              const call = { user: index, name, atUs: clock.nowUs(), pass: user.pass };
              this.calls.push({ ...call, variables: Object.fromEntries(variables) });
              return new Promise<Outcome>((resolve) => {
                signal.addEventListener('abort', () =>
                  resolve({ ...OK, ok: false, errorKind: 'aborted', message: '' }),
                );
                clock.after(REQUEST_US, () => resolve(answer(name as ShopOperation, variables, index)));
              });
            },
            close: () => {},
          };
        },
        close: () => {},
      }),
    });
  }

  /** The requests of one virtual user, in their order. */
  names(user = 0): string[] {
    return this.calls.filter((call) => call.user === user).map(({ name }) => name);
  }
}
