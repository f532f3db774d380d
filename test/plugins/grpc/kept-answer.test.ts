/** Apart from the other tests of the client, because only Node has a garbage collector that can be called. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { echo, startClient, startStub } from './grpc-stage.ts';

const { signal } = new AbortController();

t.test('a caller keeps no answer that it has given', async (t) => {
  const stub = await startStub(t, echo);
  const { client, request } = await startClient(t, stub.url);
  const caller = client.join(0);
  const answer = new WeakRef(await caller.call(request('x'), signal));
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 50 && answer.deref() !== undefined; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    collect();
  }
  t.equal(answer.deref(), undefined);
  caller.close();
});
