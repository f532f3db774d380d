/** What `bench runs`, `cleanup` and `delete` say of a store that was damaged, and of one that cannot be used. */
import t from 'tap';
import { directly } from '../../core/control/scene/stored-runs.ts';
import { workbench } from '../bench-process.ts';
import { nullPlan } from '../plans.ts';

t.setTimeout(400_000);

t.test('a damaged row is told beside the other runs, and can be deleted', async (t) => {
  const { folder, run } = workbench(t, { 'plan.yaml': nullPlan(1) });
  for (const _ of [1, 2]) await run(['run', 'plan.yaml']);
  const database = directly(`${folder}/.bench/runs.sqlite`);
  const { rows } = await database.execute('SELECT id FROM runs ORDER BY created_at');
  const [good, bad] = rows.map(({ id }) => String(id));
  await database.execute(`UPDATE runs SET tags = '["nig', plan = '{"name', checkpoint = '{' WHERE id = '${bad}'`);
  database.close();

  const listed = await run(['runs']);
  t.equal(listed.code, 0);
  t.match(listed.stdout, new RegExp(`^${good} .* (pass|invalid)`, 'm'));
  t.match(listed.stdout, new RegExp(`^${bad} `, 'm'));
  const damage = `Run ${bad}: its row in the store is damaged (tags): \`bench delete ${bad}\` deletes the run.\n`;
  t.equal(listed.stderr, damage, 'in full, however wide the terminal is');

  const cleanup = await run(['cleanup', bad as string]);
  t.equal(cleanup.code, 1);
  t.match(cleanup.stderr, new RegExp(`^bench: The plan of run ${bad} can no longer be read: `));
  t.match(cleanup.stderr, `\`bench delete ${bad} --force\` deletes the run`);
  t.notMatch(cleanup.stderr, /\n {4}at |JSON|SyntaxError|unexpected/i);

  t.match(await run(['delete', bad as string]), { code: 1, stderr: /may still be there/ });
  t.match(await run(['delete', bad as string, '--force']), { code: 0, stdout: `Run ${bad} is deleted.\n` });
  t.match(await run(['delete', bad as string]), { code: 1, stderr: /^bench: There is no run/ });
  t.match(await run(['runs']), { code: 0, stdout: new RegExp(`^Run .*\n${good} .*\n$`), stderr: '' });
});
