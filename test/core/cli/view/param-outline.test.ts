// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a reference of a plan
import t from 'tap';
import { plain } from '../../../../core/cli/output.ts';
import { paramOutline } from '../../../../core/cli/view/param-outline.ts';

t.test('each parameter with its value and where that comes from; texts in quotes', async (t) => {
  const params = [
    { name: 'users', value: 50, origin: '--param', description: 'how many shoppers' },
    { name: 'token', value: '${env:TOKEN}', origin: 'BENCH_PARAM_TOKEN', description: undefined },
  ];
  t.strictSame(paramOutline(params, 100, plain), [
    'Parameters',
    '  Name   Value           From               Description',
    '  users  50              --param            how many shoppers',
    '  token  "${env:TOKEN}"  BENCH_PARAM_TOKEN',
    '',
  ]);
  t.strictSame(paramOutline([], 100, plain), []);
});
