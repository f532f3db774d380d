import t from 'tap';
import {
  conductRun,
  connectControl,
  controlError,
  killedRun,
  type RunClient,
} from '../../../../core/cli/client/run-client.ts';
import { CommandError } from '../../../../core/cli/command-error.ts';
import { EXIT } from '../../../../core/cli/exit-codes.ts';
import { DEFAULT_STORE } from '../../../../core/cli/files/store-location.ts';
import { errorMessage } from '../../../../core/error.ts';
import { RpcError } from '../../../../proto/rpc/adapter.ts';

t.test('who has killed a run is told how to clean up after it, where that can find the run', async (t) => {
  const told = (store: string) => /`(.*)`/.exec(killedRun('abc', store).message)?.[1];
  t.equal(told(DEFAULT_STORE), 'bench cleanup abc');
  t.equal(told('my runs.sqlite'), "bench cleanup abc --store 'my runs.sqlite'");
  t.equal(told('mysql://bench:secret@h:3306/d'), "bench cleanup abc --store 'mysql://bench:***@h:3306/d'");
  t.equal(told(':memory:'), undefined);
});

t.test('a control that cannot be reached is to be started, unless it is known what is wrong', async (t) => {
  const told = (hint?: string) => errorMessage(controlError('h:7', new RpcError('UNAVAILABLE', 'reason', { hint })));
  t.equal(
    told(),
    'Control at h:7 cannot be reached (reason): start it with `bench control`, or give its address with --control.',
  );
  t.equal(told('mend it'), 'Control at h:7 cannot be reached (reason): mend it.');
});

t.test('an error that is no answer of control stays what it is, so that its stack can be shown', async (t) => {
  const fault = new TypeError('x is undefined');
  t.equal(controlError('h:7', fault), fault);
});

t.test('whoever ends a run before it has begun is told that, and has to wait for nobody', async (t) => {
  const first = new AbortController();
  const second = new AbortController();
  const lifetime = { signal: first.signal, ending: new Promise<never>(() => {}), forced: second.signal };
  const conducted = (begin: () => Promise<string>) =>
    conductRun({} as RunClient, 'h:7', begin, {} as Parameters<typeof conductRun>[3], lifetime);
  const fault = new CommandError('There is no driver x.');
  await t.rejects(
    conducted(() => Promise.reject(fault)),
    fault,
  );
  first.abort();
  const stopped = { message: 'The run was stopped before it had begun.', exitCode: EXIT.aborted };
  await t.rejects(
    conducted(() => Promise.reject(fault)),
    stopped,
  );
  await t.rejects(connectControl('127.0.0.1:1', { token: 'x' }, { signal: first.signal, waiting() {} }), stopped);
  const hanging = conducted(() => new Promise(() => {}));
  second.abort();
  await t.rejects(hanging, { message: /^Control at h:7 has not said/, exitCode: EXIT.aborted });
});
