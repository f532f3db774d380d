/** A run in the store is of one control: another one leaves it alone, or has taken it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { StoreAccess } from '../../../../core/control/store/access.ts';
import { ownHost } from '../../../../core/control/store/owner.ts';
import { RunStore, StoreError } from '../../../../core/control/store/run-store.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { stage } from '../scene/stage.ts';
import { directly, newRun, newWindow, storeFile, windowsOf } from '../scene/stored-runs.ts';

t.test('who was found gone, and is not, changes nothing of a run that another control has taken up', async (t) => {
  const file = storeFile(t);
  const store = await RunStore.open(file);
  t.teardown(() => store.close());
  await store.addRun(newRun('taken'));
  await store.addRun(newRun('own'));
  await store.measurements.addWindows([newWindow('taken', 1)]);
  const direct = directly(file);
  await direct.execute("UPDATE runs SET owner_pid = owner_pid + 1 WHERE id = 'taken'");
  direct.close();
  await store.setState('taken', 'verifying', '');
  await t.rejects(store.endRun('taken', { state: 'finished', reason: '' }), {
    name: 'StoreError',
    message: 'run taken now belongs to another control, which goes on with it',
  });
  t.match(await store.get('taken'), { state: 'queued' });
  t.equal((await windowsOf(store, 'taken')).length, 1);
  await store.endRun('own', { state: 'finished', reason: '' });
  t.match(await store.get('own'), { state: 'finished' });
});

t.test('a result that is stored is not called lost when whose run it is cannot be read any more', async (t) => {
  const store = await RunStore.open(storeFile(t));
  t.teardown(() => store.close());
  await store.addRun(newRun('own'));
  await store.measurements.addWindows([newWindow('own', 1)]);
  const { read } = StoreAccess.prototype;
  t.teardown(() => {
    StoreAccess.prototype.read = read;
  });
  StoreAccess.prototype.read = () => Promise.reject(new StoreError('the server has gone away'));
  await store.endRun('own', { state: 'finished', reason: '', verdict: 'pass' });
  StoreAccess.prototype.read = read;
  t.match(await store.get('own'), { state: 'finished', verdict: 'pass' });
  t.equal((await windowsOf(store, 'own')).length, 1, 'it might have been of another control by now');
});

t.test('a run that another living control conducts in the same store is left alone', async (t) => {
  const file = storeFile(t);
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  t.teardown(() => other.kill('SIGKILL'));
  const store = await RunStore.open(file);
  for (const id of ['theirs', 'elsewhere']) await store.addRun(newRun(id, { isPrivate: true }));
  await store.close();
  const direct = directly(file);
  await direct.execute({ sql: 'UPDATE runs SET owner_pid = ?', args: [other.pid as number] });
  await direct.execute("UPDATE runs SET owner_host = 'another host' WHERE id = 'elsewhere'");
  const [row] = (await direct.execute("SELECT owner_host FROM runs WHERE id = 'theirs'")).rows;
  t.equal(row?.owner_host, ownHost);
  direct.close();

  const scene = await stage(t, { store: file });
  t.match(await scene.summary('theirs'), { state: RunState.QUEUED });
  t.match(await scene.summary('elsewhere'), { state: RunState.FAILED });
  await t.rejects(scene.stop('theirs', 'enough'), {
    code: 'FAILED_PRECONDITION',
    message: /belongs to another control/,
  });
  for (const change of [
    { case: 'level', value: { scenario: '', level: 5 } },
    { case: 'pause', value: {} },
  ]) {
    await t.rejects(scene.change('theirs', { change }), {
      code: 'FAILED_PRECONDITION',
      message: 'run theirs belongs to another control that uses the same store',
    });
  }
  await t.rejects(scene.ended('theirs'), {
    code: 'FAILED_PRECONDITION',
    message: /belongs to another control that uses/,
  });
  other.kill('SIGKILL');
  await once(other, 'exit');
  const later = await stage(t, { store: file });
  t.match(await later.summary('theirs'), { state: RunState.FAILED });
});
