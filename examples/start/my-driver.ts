/** A driver: it says which operations it has, and does one of them when it is told to. bench does the timing and counting. */
import { defineDriver, z } from '@bench/toolkit';
import { openHttp } from '@bench/toolkit/http';

/** What a plan may write under `options`. */
const options = z.strictObject({ path: z.string().default('/health') });

export default defineDriver<z.output<typeof options>>({
  name: 'my-driver',
  description: 'Gets one page of the target.',
  options,
  operations: () => [{ name: 'get', type: 'GET' }],

  /** Once in each agent process, before the load. What it throws ends the run with that message. */
  async open({ path }, context) {
    const clients = await openHttp(context);
    return {
      /** Once for each virtual user, which has a connection of its own. */
      async connect(user, signal) {
        const http = await clients.connect(user, signal);
        return {
          // Once for each request. The answer says whether it failed; one that fails returns as well, and does not throw.
          send: (_operation, signal) => http.get(path, { signal }),
          close: () => http.close(),
        };
      },
      close: () => clients.close(),
    };
  },
});
