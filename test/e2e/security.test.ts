import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { matchEach } from '../kit/match-each.ts';
import { invitedArguments, workbench } from './bench-process.ts';
import { endedWith, resultIn } from './busy-host.ts';
import { nullPlan } from './plans.ts';

t.setTimeout(400_000);

t.test('init, control, invite, join, run, revoke: as docs/distributed.md tells', async (t) => {
  const { folder, start, run } = workbench(t, { 'plan.yaml': nullPlan(1) });
  const init = await run(['control', 'init', '--host', '127.0.0.1', '--security', 'keys']);
  t.equal(init.code, 0, init.stderr);
  const control = start(['control', '--port', '0', '--store', ':memory:', '--security', 'keys']);
  const [, address = ''] = await control.said(/^Control on (\S+) \(TLS\)/m);
  const port = address.slice(address.lastIndexOf(':') + 1);
  const invite = async (role: string) => {
    const args = ['control', 'invite', '--role', role, '--port', port, '--security', 'keys'];
    return invitedArguments((await run(args)).stdout);
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
  matchEach(t, result.agents, [{ name: 'rack-2', closingTotals: 'agree' }]);
  t.match((await run(['runs', '--control', address])).stdout, new RegExp(result.verdict.kind), 'a viewer sees it');

  const id = (forAgent.at(-1) ?? '').slice(0, 6);
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

const SETPRIV = '/usr/bin/setpriv';
const mayBeOthers = process.getuid?.() === 0 && existsSync(SETPRIV);

t.test('certificates go only where a folder can be', async (t) => {
  const { run } = workbench(t, { file: '' });
  for (const [given, what] of [
    ['file', 'file is not a folder'],
    ['file/below', 'file/below lies below a file'],
  ] as const) {
    for (const command of [
      ['control', 'init'],
      ['control', 'invite'],
      ['control', '--port', '0', '--store', ':memory:'],
    ]) {
      const { code, stdout, stderr } = await run([...command, '--security', given]);
      t.strictSame(
        [code, stdout, stderr],
        [104, '', `bench: --security: ${what}: name a folder.\n`],
        command.join(' '),
      );
    }
  }
});

t.test('a control on this host takes its own user, and no other', { skip: !mayBeOthers }, async (t) => {
  const { folder, start, run } = workbench(t, { 'plan.yaml': nullPlan(1) });
  const control = start(['control', '--port', '0', '--store', ':memory:']);
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  const kept = `${folder}/.config/bench/tokens`;
  t.equal(statSync(kept).mode & 0o077, 0, 'the folder is private');
  const [file = ''] = readdirSync(kept, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('_'));
  t.equal(statSync(`${kept}/${file}`).mode & 0o777, 0o600, 'and so is the file');
  const token = readFileSync(`${kept}/${file}`, 'utf8').trim();

  const theirs = mkdtempSync(join(tmpdir(), 'bench-nobody-'));
  t.teardown(() => rmSync(theirs, { recursive: true, force: true }));
  chmodSync(theirs, 0o777);
  const asNobody = {
    cwd: theirs,
    runtime: [SETPRIV, '--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath],
  };
  const others: [args: string[], said: RegExp][] = [
    [
      ['agents', '--control', address],
      /^bench: Control at \S+ says: this control accepts only callers that have its token: /,
    ],
    [
      ['agents', '--control', address, '--token-file', `${kept}/${file}`],
      /^bench: --token-file: .+ cannot be read \(permission denied\)/,
    ],
    [
      ['agent', '--control', address, '--name', 'spy'],
      /^bench: Control at \S+ refused agent spy: this control accepts only/,
    ],
  ];
  for (const [args, said] of others) {
    const { code, stderr } = await run(args, asNobody);
    t.ok(code === 1 || code === 104, args.join(' '));
    t.match(stderr, said, args.join(' '));
    t.equal(stderr.trim().split('\n').length, 1, 'in one sentence');
  }
  const invited = await run(['agents', '--control', address], { ...asNobody, env: { BENCH_CONTROL_TOKEN: token } });
  t.equal(invited.code, 0, `who was given the token may: ${invited.stderr}`);
  t.equal((await run(['agents', '--control', address])).code, 0, 'the same user needs nothing');

  control.kill('SIGTERM');
  await control.ended;
  t.notOk(existsSync(`${kept}/${file}`), 'nothing is left');
});

t.test('a token of its own: made when it is missing, and refused when everybody can read it', async (t) => {
  const { folder, start, run } = workbench(t, { 'open.txt': 'a-token-of-sixteen-or-more\n' });
  chmodSync(`${folder}/open.txt`, 0o644);
  const open = await run(['control', '--port', '0', '--store', ':memory:', '--token-file', 'open.txt']);
  t.match(open, { code: 104, stderr: /every user of this host can read open\.txt.*chmod 600/ });
  const control = start(['control', '--port', '0', '--store', ':memory:', '--token-file', 'own.txt']);
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  t.equal(statSync(`${folder}/own.txt`).mode & 0o777, 0o600);
  t.equal((await run(['agents', '--control', address])).code, 1, 'it is found nowhere else');
  t.equal((await run(['agents', '--control', address, '--token-file', 'own.txt'])).code, 0);
});

t.test('no command opens a store that another user could have filled', { skip: !mayBeOthers }, async (t) => {
  const { folder, run } = workbench(t, { 'plan.yaml': nullPlan(1) });
  t.equal((await run(['run', 'plan.yaml'])).code, 0);
  chownSync(`${folder}/.bench/runs.sqlite`, 65_534, 65_534);
  for (const command of [['control', '--port', '0'], ['run', 'plan.yaml'], ['runs'], ['cleanup', 'v1stgxr8z5jd']]) {
    const { code, stdout, stderr } = await run(command);
    t.equal(code, 104, command.join(' '));
    t.equal(stdout, '', command.join(' '));
    t.match(stderr, /The store \S+ cannot be used: .+runs\.sqlite belongs to another user, .+\.\n$/, command.join(' '));
  }
});
