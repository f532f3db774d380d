import { join } from 'node:path';
import t from 'tap';
import { getRun, missingRun } from '../../../../core/cli/client/stored-runs.ts';
import { RpcError } from '../../../../proto/rpc/adapter.ts';

const notFound = new RpcError('NOT_FOUND', 'there is no run zzzz: list the runs with `bench runs`');

t.test('a run that is not there is missed in the store, or by the control that was named', async (t) => {
  t.equal(
    (await missingRun('zzzz', { store: 'runs.sqlite' }, notFound)).message,
    'There is no run zzzz in runs.sqlite: `bench runs` lists the runs.',
  );
  t.equal(
    (await missingRun('zzzz', { store: 'runs.sqlite', control: '192.0.2.5:7070' }, notFound)).message,
    'Control at 192.0.2.5:7070 says: there is no run zzzz: list the runs with `bench runs`',
  );
});

t.test('who names a result file as a run is told of --from', async (t) => {
  const folder = t.testdir({ 'result.json': '' });
  const file = join(folder, 'result.json');
  const store = join(folder, 'none.sqlite');
  const hint = ` There is a file ${file}: give it with --from.`;
  t.ok((await missingRun(file, { store }, notFound)).message.endsWith(`: \`bench runs\` lists the runs.${hint}`));
  await t.rejects(getRun(file, { store }), {
    message: `There is no store ${store}: give it with --store, or a control with --control.${hint}`,
  });
  t.notMatch((await missingRun(folder, { store }, notFound)).message, /There is a file/);
});
