/** What users have around `bench` that it has not put there. */
import t from 'tap';
import { workbench } from '../bench-process.ts';
import { nullPlan } from '../plans.ts';

t.setTimeout(400_000);

t.test('a module that every process of the user loads first, and that greets on stdout', async (t) => {
  const { run } = workbench(t, {
    'plan.yaml': nullPlan(1),
    'bunfig.toml': 'preload = ["./hello.ts"]\n',
    'hello.ts': "console.log('[env] injecting 0 variables');\nconsole.log('{\"ready\":');\n",
  });
  const { code, stdout, stderr } = await run(['run', 'plan.yaml']);
  t.match(stdout, /^\[env\] injecting/, 'it was loaded');
  t.match(stdout, /^Conclusion: /m);
  t.match([code, stderr], [/^(0|120)$/, '']);
});
