import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadDriver } from '../../plugins/loader/load.ts';
import { testDriver } from '../../testing/driver-contract.ts';
import { startPages } from '../testing/fixtures/drivers.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');

t.test("the example's driver does what every driver must", async (t) => {
  await testDriver((name, body) => t.test(name, body), {
    plugin: await loadDriver('./my-driver.ts', EXAMPLES),
    options: {},
    badOptions: { path: 7 },
    target: startPages,
  });
});

t.test('the README shows it as it is', async (t) => {
  const readme = readFileSync(join(EXAMPLES, '../README.md'), 'utf8');
  t.ok(readme.includes(readFileSync(join(EXAMPLES, 'my-driver.ts'), 'utf8')));
});
