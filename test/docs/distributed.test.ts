/** docs/distributed.md as its readers do it: control on control.example, two hosts with agents, and a run that is watched and changed. */
import t from 'tap';
import { blocksOf, commandsIn } from './pages.ts';
import { mayMakeNetworks, openTerminal } from './terminal.ts';

t.setTimeout(400_000);

const PAGE = 'docs/distributed.md';
const PLAN = `name: Elsewhere
scenarios:
  nothing: { executor: constant-vus, vus: 4, duration: 2m, thinkTime: 10ms, operations: [{ driver: 'null' }] }
reports: [json]
`;

/** The block in which this command stands. */
function blockWith(command: string): string[] {
  const found = blocksOf(PAGE)
    .filter(({ language }) => language === 'sh')
    .map(commandsIn)
    .find((commands) => commands.some((text) => text.startsWith(command)));
  if (found === undefined) throw new Error(`${PAGE} has no command ${command}`);
  return found;
}

t.test(PAGE, { skip: !mayMakeNetworks && 'it needs a network of its own' }, async (t) => {
  const { type } = openTerminal(t, { 'plan.yaml': PLAN });
  const does = async (command: string) => {
    const { code, text } = await type(command);
    t.equal(code, 0, `${command}\n${text}`);
    return text;
  };
  const [init = '', control = '', invite = ''] = blockWith('bench control init');
  await does(init);
  await does(control);
  const line =
    (await does(invite))
      .split('\n')
      .find((text) => text.includes('bench agent --join'))
      ?.trim() ?? '';
  const shown = blockWith('BENCH_INVITATION_TOKEN=')[0] ?? '';
  const pattern = shown.replace('k3v9xq.…', '\\S+').replace('sha256:…', 'sha256:\\w+');
  t.match(line, new RegExp(`^${pattern}$`), 'the page shows the line that is printed');
  // Another host has another home.
  for (const host of ['one', 'two']) await does(`HOME=$PWD/${host} ${line} --name ${host}`);

  const [run = ''] = blockWith('bench run plan.yaml --control');
  // The load lasts as long as the plan says.
  const ended = type(`env -u BENCH_STAGE -u BENCH_VUS ${run}`);
  const [agents = '', runs = '', watch = '', stop = ''] = blockWith('bench agents --control');
  t.match(await does(agents), /one[\s\S]*two/);
  let id: string | undefined;
  while (id === undefined) id = /^ *(\S+) .*\brunning\b/m.exec(await does(runs))?.[1];
  const of = (command: string) => `env -u BENCH_STAGE -u BENCH_VUS ${command.replace('<run>', id)}`;
  const watched = type(of(watch));
  for (const change of blockWith('bench set <run>')) await does(of(change));
  await does(of(stop));
  const { code, text } = await ended;
  t.equal(code, 105, text);
  t.match(text, /goes to 200 virtual users/, 'the change is in the result');
  t.match((await watched).text, /Elsewhere/);
});
