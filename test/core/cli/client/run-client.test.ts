import t from 'tap';
import { controlError, killedRun } from '../../../../core/cli/client/run-client.ts';
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
