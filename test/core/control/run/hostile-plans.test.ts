/** Plans over gRPC are JSON that somebody has made: what no plan can be is refused before it is parsed, and in one sentence. */
import t from 'tap';
import { readNewSpec } from '../../../../core/control/run/run-spec.ts';

const none = () => Promise.reject(new Error('there is none'));
const loaders = { loadDriver: none, loadMonitor: none, loadOutput: none, loadShape: none };

/** What is said of it, and how often the runtime was asked to parse it. */
async function refused(json: string): Promise<[message: string, parsed: number]> {
  const { parse } = JSON;
  let parsed = 0;
  JSON.parse = (...given) => {
    parsed++;
    return parse(...given) as unknown;
  };
  try {
    await readNewSpec({ json, baseDirectory: '/', command: '' }, loaders);
    return ['', parsed];
  } catch (error) {
    return [(error as Error).name === 'PlanError' ? (error as Error).message : String(error), parsed];
  } finally {
    JSON.parse = parse;
  }
}

t.test('a plan that is too large or nested too deeply is not parsed', async (t) => {
  const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`;
  const nested = 'the plan is nested more than 64 levels deep: a body may be written as text, or stand in a file';
  t.strictSame(await refused(deep), [nested, 0]);
  t.strictSame(await refused(`{"name":"x","description":"[[[","drivers":${deep}}`), [nested, 0]);
  const large = JSON.stringify({ name: 'x', description: 'y'.repeat(5 << 20) });
  t.strictSame(await refused(large), ['the plan is larger than 4 MiB: move data into data files', 0]);
});

t.test('more values than a plan has are told before they are checked', async (t) => {
  const many = JSON.stringify({ name: 'x', scenarios: Array.from({ length: 200_000 }, () => 1) });
  t.strictSame(await refused(many), ['the plan has more than 100,000 values: move data into data files', 1]);
  t.match(await refused('{'), [/^the plan is not JSON: /, 1]);
});
