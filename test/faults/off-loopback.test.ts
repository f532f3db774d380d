/** The commands of docs/distributed.md, on two hosts that are network namespaces; and what a stranger sees there. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import YAML from 'yaml';
import type { RunResult } from '../../core/stats/result.ts';
import { invitedArguments, workbench } from '../e2e/bench-process.ts';
import { uploadPlan } from '../e2e/plans.ts';
import { doubtsOf, lossOf, totalsOf, uploadsOf } from './fleet.ts';
import { type Host, Hosts } from './hosts.ts';
import type { Scan } from './scan.ts';

t.setTimeout(400_000);

/** The addresses of docs/distributed.md. */
const CONTROL_HOST = '192.0.2.5';
const AGENTS_HOST = '192.0.2.9';

const SCAN = fileURLToPath(new URL('./scan.ts', import.meta.url));

t.test('as docs/distributed.md tells, over two network namespaces; and nothing without TLS and a token', async (t) => {
  const hosts = await Hosts.of(t);
  const [controlHost, agentsHost] = [hosts.add('control'), hosts.add('agents')];
  hosts.cable([controlHost, CONTROL_HOST], [agentsHost, AGENTS_HOST]);
  const bench = workbench(t);
  const on = (host: Host, name: string) => {
    const home = `${bench.folder}/${name}`;
    mkdirSync(home);
    const options = { cwd: home, runtime: [...host.runtime, process.execPath], env: { HOME: home } };
    return (...args: string[]) => bench.start(args, options);
  };
  const control = on(controlHost, 'control');
  const agents = on(agentsHost, 'agents');

  const init = await control('control', 'init', '--host', CONTROL_HOST).ended;
  t.match(init.stdout, /^Next: bench control --host 192\.0\.2\.5, then bench control invite$/m);
  const running = control('control', '--host', CONTROL_HOST);
  await running.said(/^Control on 192\.0\.2\.5:7070 \(TLS\)/m);
  const invitation = (await control('control', 'invite').ended).stdout;
  t.match(
    invitation,
    /^BENCH_INVITATION_TOKEN=\S+ bench agent --join 192\.0\.2\.5:7070 --ca-hash sha256:[0-9a-f]{64}\n$/,
  );
  const line = invitedArguments(invitation);
  const joined = ['rack-1', 'rack-2'].map((name) => agents(...line, '--name', name));
  for (const agent of joined) await agent.said(/^joined control at 192\.0\.2\.5:7070/m);
  const { stdout: invitations } = await control('control', 'invitations').ended;
  t.match(invitations, / agent .* 1$/m, 'started at once on one host, they share one certificate');
  const target = agents('target', '--host', AGENTS_HOST, '--port', '0');
  const [, url = ''] = await target.said(/^Target on (\S+),/m);

  const plan = JSON.stringify({ ...YAML.parse(uploadPlan(8)), target: url });
  writeFileSync(`${bench.folder}/control/plan.yaml`, plan);
  const run = control('run', 'plan.yaml', '--control', `${CONTROL_HOST}:7070`, '--expect-agents', '2', '--out', 'out');
  await run.said(/^running/m);
  const [scanner = '', ...before] = agentsHost.runtime;
  const scanned = promisify(execFile)(scanner, [...before, process.execPath, SCAN, CONTROL_HOST, '7070']);
  const looked = await control('agents', '--control', `${CONTROL_HOST}:7070`).ended;
  t.match(looked.stdout, /^rack-1 [\s\S]*^rack-2 /m);
  const { code, stderr } = await run.ended;
  const result: RunResult = JSON.parse(readFileSync(`${bench.folder}/control/out/result.json`, 'utf8'));
  t.ok([0, 120].includes(code ?? 1), stderr);
  t.same(totalsOf(result), [
    ['rack-1', 'agree'],
    ['rack-2', 'agree'],
  ]);
  t.same(doubtsOf(result), []);
  t.equal(lossOf(result), 0);
  target.kill('SIGTERM');
  t.match((await target.ended).stderr, new RegExp(`${uploadsOf(result)} rows written`));

  const { stdout } = await scanned;
  const { openPorts, plain, withoutTls, withoutCertificate }: Scan = JSON.parse(stdout);
  t.same(openPorts, [7070], 'of 65,535 ports');
  for (const [what, bytes] of Object.entries(plain))
    t.ok(bytes <= 7, `${what} gets a TLS alert at most: ${bytes} bytes`);
  t.same([...new Set(Object.values(withoutTls).map(({ came }) => came))], ['UNAVAILABLE 0'], 'no call without TLS');
  const { '/bench.v1.EnrollService/GetAuthority': authority, ...others } = withoutCertificate;
  t.equal(authority?.came, 'OK 1', 'the public certificate, which the hash of an invitation is compared with');
  for (const [path, { came }] of Object.entries(others)) {
    const wanted = path === '/bench.v1.Nothing/AtAll' ? /^(UNAUTHENTICATED|UNIMPLEMENTED) 0$/ : /^UNAUTHENTICATED 0$/;
    t.match(came, wanted, path);
  }
  for (const process of [...joined, running]) process.kill('SIGTERM');
  for (const { ended } of [...joined, running]) t.equal((await ended).code, 0);
});
