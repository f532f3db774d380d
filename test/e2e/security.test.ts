import t from 'tap';
import { workbench } from './bench-process.ts';
import { endedWith, resultIn } from './busy-host.ts';
import { nullPlan } from './plans.ts';

t.setTimeout(120_000);

t.test('init, control, invite, join, run, revoke: as docs/distributed.md tells', async (t) => {
  const { folder, start, run } = workbench(t, { 'plan.yaml': nullPlan(1) });
  const init = await run(['control', 'init', '--host', '127.0.0.1', '--security', 'keys']);
  t.equal(init.code, 0, init.stderr);
  const control = start(['control', '--port', '0', '--store', ':memory:', '--security', 'keys']);
  const [, address = ''] = await control.said(/^Control on (\S+) \(TLS\)/m);
  const port = address.slice(address.lastIndexOf(':') + 1);
  const invite = async (role: string) => {
    const args = ['control', 'invite', '--role', role, '--port', port, '--security', 'keys'];
    const [, ...line] = (await run(args)).stdout.trim().split(' ');
    return line;
  };

  const forAgent = await invite('agent');
  const agent = start([...forAgent, '--name', 'rack-2']);
  await agent.said(/^joined control at \S+ as rack-2$/m);
  const plain = await run(['run', 'plan.yaml', '--control', address]);
  t.equal(plain.code, 1, 'without a certificate');

  const joined = await run(await invite('viewer'));
  t.match(joined.stdout, /^Joined control at \S+ as viewer/);
  const asViewer = await run(['run', 'plan.yaml', '--control', address]);
  t.equal(asViewer.code, 1);
  t.match(asViewer.stderr, /the certificate is for the role viewer, which may not do this/);

  const operator = ['--credentials', 'keys/operator'];
  const passed = await run(['run', 'plan.yaml', '--control', address, '--out', 'out', ...operator]);
  const result = resultIn(`${folder}/out`);
  endedWith(t, passed, 0, result);
  t.match(result.agents, [{ name: 'rack-2', closingTotals: 'agree' }]);
  t.match((await run(['runs', '--control', address])).stdout, new RegExp(result.verdict.kind), 'a viewer sees it');

  const id = (forAgent[4] ?? '').slice(0, 6);
  const revoked = await run(['control', 'revoke', id, '--security', 'keys']);
  t.match(revoked.stdout, /is revoked, with 1 certificate:/);
  const end = await agent.ended;
  t.equal(end.code, 1);
  t.match(end.stderr, /^bench: Control at \S+ refused agent rack-2: the certificate was revoked/m);
  const again = await run([...forAgent, '--name', 'rack-3']);
  t.match(again.stderr, /the certificate was revoked/, 'its certificate is kept, and still no good');
});

t.test('off loopback control asks for certificates', async (t) => {
  const { run } = workbench(t);
  const { code, stderr } = await run(['control', '--host', '0.0.0.0', '--port', '0', '--store', ':memory:']);
  t.equal(code, 1);
  t.match(stderr, /^bench: control listens on 0\.0\.0\.0 only with TLS: make certificates with `bench control init`/m);
});
