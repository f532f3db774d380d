/** A small driver: gets one page of the target with the client of the built-in drivers. */
import { defineDriver, z } from '@bench/toolkit';
import { openHttp } from '@bench/toolkit/http';

export default defineDriver<{ path: string }>({
  name: 'page',
  description: 'Gets one page of the target.',
  options: z.strictObject({ path: z.string().default('/') }),
  operations: () => [{ name: 'page', type: 'GET' }],
  async open({ path }, context) {
    const clients = await openHttp(context);
    return {
      async connect(user, signal) {
        const http = await clients.connect(user, signal);
        return {
          send: (_operation, signal) => http.get(path, { signal }),
          close: () => http.close(),
        };
      },
      close: () => clients.close(),
    };
  },
});
