import { object } from '../core/plan/fields.ts';
import { type Driver, defineDriver, type Outcome, type Session } from '../core/plugin.ts';

const OUTCOME: Outcome = { ok: true, errorKind: '', message: '', status: 0, bytesSent: 0, bytesReceived: 0 };

const session: Session = { send: () => OUTCOME, close: () => {} };
const driver: Driver = { connect: () => session, close: () => {} };

/** Does nothing and answers at once, so that a run measures what the load generator itself costs. */
export default defineDriver({
  name: 'null',
  description: 'Does nothing: measures the load generator itself.',
  limitsOperations: true,
  options: object({}),
  operations: () => [{ name: 'noop', type: 'NULL' }],
  open: () => driver,
});
