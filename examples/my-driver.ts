/** A small driver: gets one page of the target with the runtime's `fetch`. */
import { defineDriver, type Outcome, PluginError, z } from '@bench/toolkit';

export default defineDriver<{ path: string }>({
  name: 'page',
  description: 'Gets one page of the target with fetch.',
  options: z.strictObject({ path: z.string().default('/') }),
  operations: () => [{ name: 'page', type: 'GET' }],
  async open({ path }, { target }) {
    const url = new URL(path, target);
    const send = async (_operation: string, signal: AbortSignal): Promise<Outcome> => {
      const sent = { bytesSent: 0, bytesReceived: 0, status: 0 };
      try {
        const response = await fetch(url, { signal });
        const received = { ...sent, status: response.status, bytesReceived: (await response.bytes()).length };
        if (response.ok) return { ok: true, errorKind: '', message: '', ...received };
        return {
          ok: false,
          errorKind: `http_${response.status}`,
          message: `${url} answered ${response.status}`,
          ...received,
        };
      } catch (error) {
        const errorKind = signal.aborted ? 'aborted' : 'fetch_failed';
        return { ok: false, errorKind, message: String(error), ...sent };
      }
    };
    const first = await send('page', AbortSignal.timeout(5000));
    if (first.status === 0) throw new PluginError(`target ${target} cannot be reached: ${first.message}`);
    return { connect: () => ({ send, close: () => {} }), close: () => {} };
  },
});
