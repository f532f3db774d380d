/** A driver: it says which operations it has, and does one of them when it is told to. bench does the timing and counting. */
import { defineDriver, type Outcome, PluginError, z } from '@bench/toolkit';

/** What a plan may write under `options`. */
const options = z.strictObject({ path: z.string().default('/health') });

export default defineDriver<z.output<typeof options>>({
  name: 'my-driver',
  description: 'Gets one page of the target.',
  options,
  operations: () => [{ name: 'get', type: 'GET' }],

  /** Once in each agent process, before the load. What it throws ends the run with that message. */
  async open({ path }, { target }) {
    if (!URL.canParse(path, target)) throw new PluginError('my-driver needs a target, such as http://127.0.0.1:5002');
    const url = new URL(path, target);

    /** Once for each request. A request that fails is an outcome as well: it returns, and does not throw. */
    async function send(_operation: string, signal: AbortSignal): Promise<Outcome> {
      try {
        const answer = await fetch(url, { signal });
        const bytesReceived = (await answer.arrayBuffer()).byteLength;
        const seen = { status: answer.status, bytesSent: 0, bytesReceived };
        if (answer.ok) return { ok: true, errorKind: '', message: '', ...seen };
        return { ok: false, errorKind: `http_${answer.status}`, message: `${url} answered ${answer.status}`, ...seen };
      } catch (error) {
        const errorKind = signal.aborted ? 'aborted' : 'fetch_failed';
        return { ok: false, errorKind, message: String(error), status: 0, bytesSent: 0, bytesReceived: 0 };
      }
    }

    // `connect` is called once for each virtual user, and may give it a connection of its own.
    return { connect: () => ({ send, close: () => {} }), close: () => {} };
  },
});
