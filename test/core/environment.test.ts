import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { processLookup } from '../../core/environment.ts';
import { referencesIn } from '../../core/secrets/reference.ts';

t.test('with --secrets, plans name only variables that begin so; files are another matter', async (t) => {
  Object.assign(process.env, { LOAD_TOKEN: 'for plans', OWN_TOKEN: 'of the user' });
  const folder = t.testdir({ 'token.txt': 'in a file\n' });
  const lookedUp = (text: string, variablePrefix?: string) => {
    const [reference] = referencesIn(text);
    return processLookup(folder, { below: undefined, never: [], variablePrefix })(reference as never);
  };
  t.equal(lookedUp(`\${env:OWN_TOKEN}`), 'of the user');
  t.equal(lookedUp(`\${env:LOAD_TOKEN}`, 'LOAD_'), 'for plans');
  t.equal(lookedUp(`\${file:${join(folder, 'token.txt')}}`, 'LOAD_'), 'in a file');
  for (const name of ['OWN_TOKEN', 'load_token', 'NOT_THERE']) {
    t.throws(() => lookedUp(`\${env:${name}}`, 'LOAD_'), {
      name: 'UnresolvedReference',
      message: `\${env:${name}} has no value: plans may name only variables that begin with LOAD_ here; start this process with --secrets to name another beginning`,
    });
  }
});
