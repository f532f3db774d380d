/** What servers say through plugins can have any length; what is kept, logged and shown of it cannot. */
import t from 'tap';
import { MAX_PLUGIN_TEXT, MAX_RUN_TEXT } from '../../../../core/control/limits.ts';
import { RunStore } from '../../../../core/control/store/run-store.ts';
import { PluginError } from '../../../../core/plugin.ts';
import { fakePlan, stage } from '../scene/stage.ts';
import { directly, newRun, storeFile } from '../scene/stored-runs.ts';

const LONG = 'x'.repeat(1_000_000);
/** What control says around a text. */
const WORDS = 100;

const longest = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length));

t.test(
  'drivers, monitors and outputs that repeat a long answer: events, log, reason and descriptions are short',
  async (t) => {
    let isRefusing = false;
    const scene = await stage(t, {
      driver: {
        prepare: async (_options, { progress }) => {
          progress(`the server says ${LONG}`);
          if (isRefusing) throw new PluginError(`Milvus, CreateCollection: ${LONG}`);
        },
        verify: async () => {
          throw new PluginError(`the database says ${LONG}`);
        },
        cleanup: async () => {
          throw new PluginError(`the server says ${LONG}`);
        },
      },
      monitors: {
        shy: async () => ({
          sample: async () => {
            throw new Error(LONG);
          },
          describe: async () => ({ server: LONG }),
          close: () => {},
        }),
      },
      outputs: { full: async () => Promise.reject(new Error(LONG)) },
    });
    const agent = await scene.agent();
    const runId = await scene.running([agent], { plan: { ...fakePlan, monitors: { shy: {} }, outputs: { full: {} } } });
    await scene.second(runId, 0, [agent]);
    agent.sendDone(runId);
    await scene.ended(runId);
    const { events, ...result } = await scene.result(runId);
    const texts = events.map(({ text }) => text);
    for (const who of ['driver fake, step verify', 'monitor shy failed', 'output full failed']) {
      t.ok(
        texts.some((text) => text.startsWith(who)),
        who,
      );
    }
    t.ok(longest(texts) < MAX_PLUGIN_TEXT + WORDS);
    t.ok(JSON.stringify(result).length < 10 * MAX_PLUGIN_TEXT, 'so is the description of a monitor');

    isRefusing = true;
    const failed = await scene.start();
    t.match(await scene.ended(failed), { reason: /^driver fake, step prepare: Milvus, CreateCollection: x+…$/ });
    const [{ reason = '' } = {}] = (await scene.list()).filter((run) => run.runId === failed);
    t.match(reason, /^driver fake, step prepare: Milvus/);
    t.ok(reason.length < MAX_PLUGIN_TEXT + WORDS);
    t.ok(scene.log.some((line) => line.includes('the server says')));
    t.ok(longest(scene.log) < MAX_PLUGIN_TEXT + 2 * WORDS);
  },
);

t.test('a reason in the store that is longer than any is listed as its beginning', async (t) => {
  const file = storeFile(t);
  const store = await RunStore.open(file);
  for (const id of ['ours', 'theirs']) {
    await store.addRun(newRun(id));
    await store.endRun(id, { state: 'failed', reason: LONG });
  }
  const database = directly(file);
  const { rows } = await database.execute("SELECT length(reason) AS stored FROM runs WHERE id = 'ours'");
  t.same(
    rows.map(({ stored }) => stored),
    [MAX_RUN_TEXT],
  );
  await database.execute(`UPDATE runs SET reason = '${LONG}' WHERE id = 'theirs'`);
  database.close();
  await store.close();
  const scene = await stage(t, { store: file });
  for (const { reason = '' } of await scene.list()) t.equal(reason.length, MAX_RUN_TEXT);
});
