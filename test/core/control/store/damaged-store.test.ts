/** Stores that something else has written to, damaged or locked: what is told, and what goes on all the same. */
import t, { type Test } from 'tap';
import { RunStore } from '../../../../core/control/store/run-store.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { stage } from '../scene/stage.ts';
import { directly, newRun, storeFile } from '../scene/stored-runs.ts';

/** A store with runs that have ended, whose rows are changed past it. */
async function changed(t: Pick<Test, 'teardown'>, ids: readonly string[], ...statements: string[]): Promise<string> {
  const file = storeFile(t);
  const store = await RunStore.open(file);
  for (const id of ids) {
    await store.addRun(newRun(id));
    await store.endRun(id, { state: 'finished', reason: '', verdict: 'pass' });
  }
  await store.close();
  const database = directly(file);
  for (const statement of statements) await database.execute(statement);
  database.close();
  return file;
}

const DAMAGES: readonly (readonly [column: string, value: string])[] = [
  ['tags', `'["nightly"'`],
  ['tags', `'{"0":"a"}'`],
  ['tags', "'[1]'"],
  ['tags', "x'00'"],
  ['state', "'finnished'"],
  ['created_at', "'yesterday'"],
  ['created_at', "x'ff'"],
  ['name', "x'ff00'"],
  ['note', "x''"],
  ['reason', "x'01'"],
  ['verdict', "x'01'"],
];

for (const [column, value] of DAMAGES) {
  t.test(`a row with ${column} ${value} costs that run alone, and can be deleted`, async (t) => {
    const file = await changed(t, ['good', 'bad'], `UPDATE runs SET ${column} = ${value} WHERE id = 'bad'`);
    const scene = await stage(t, { store: file });
    const listed = new Map((await scene.list()).map((run) => [run.runId, run]));
    t.match(listed.get('good'), { state: RunState.FINISHED, verdict: 'pass', damaged: false, reason: '' });
    t.match(listed.get('bad'), {
      damaged: true,
      reason: `its row in the store is damaged (${column}): \`bench delete bad\` deletes the run`,
    });
    t.match(await scene.summary('bad'), { damaged: true }, 'asked for by its id, too');
    await scene.delete('bad');
    t.same(
      (await scene.list()).map(({ runId }) => runId),
      ['good'],
    );
  });
}

t.test('a checkpoint or a plan that is damaged costs its run alone', async (t) => {
  const file = await changed(
    t,
    ['good', 'torn', 'queued'],
    "UPDATE runs SET checkpoint = '{\"expectAg' WHERE id = 'torn'",
    "UPDATE runs SET state = 'queued', tags = '[', plan = '{\"na' WHERE id = 'queued'",
  );
  const scene = await stage(t, { store: file });
  const reason = /^control ended while this run was under way, and a new control cannot go on with it: /;
  t.match(await scene.summary('queued'), { state: RunState.FAILED, damaged: true });
  await t.rejects(scene.delete('torn'), { message: /may still be there.*bench cleanup torn/ }, 'nobody knows');
  const store = await RunStore.open(file);
  t.teardown(() => store.close());
  t.match(await store.get('queued'), { isDamaged: true });
  await store.setNotes('queued', { tags: [] });
  t.match(await store.get('queued'), { reason }, 'tags that are written anew mend it');
  await store.cleanedUp('torn');
  await scene.delete('torn');
  t.same((await scene.list()).map(({ runId }) => runId).sort(), ['good', 'queued']);
});

t.test('a baseline that is damaged keeps no run from being deleted, and is removed like any other', async (t) => {
  const baseline = (name: string, runs: string) =>
    `INSERT INTO baselines (name, run_ids, set_at) VALUES ('${name}', '${runs}', '2026-01-03T00:00:00.000Z')`;
  const file = await changed(t, ['good', 'kept'], baseline('torn', '["good'), baseline('whole', '["kept"]'));
  const scene = await stage(t, { store: file });
  const { baselines = [] } = await scene.control.runs.listBaselines({} as never, {} as never);
  matchEach(t, baselines, [
    { name: 'torn', runIds: { length: 0 } },
    { name: 'whole', runIds: { length: 1 } },
  ]);
  await scene.delete('good');
  await t.rejects(scene.delete('kept'), { message: /part of the baseline whole/ });
  await scene.control.runs.removeBaseline({ name: 'torn' } as never, {} as never);
});
