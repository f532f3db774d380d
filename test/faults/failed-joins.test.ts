/** A hundred failed joins a second, of three kinds, beside a run over TLS. */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import t from 'tap';
import YAML from 'yaml';
import type { RunResult } from '../../core/stats/result.ts';
import { AgentService } from '../../proto/gen/bench/v1/agent_pb.ts';
import { EnrollService } from '../../proto/gen/bench/v1/enroll_pb.ts';
import { createClient, tlsCredentials, unverifiedCredentials } from '../../proto/rpc/adapter.ts';
import { type BenchProcess, invitedArguments, workbench } from '../e2e/bench-process.ts';
import { uploadPlan } from '../e2e/plans.ts';
import { doubtsOf, lossOf, totalsOf, uploadsOf } from './fleet.ts';

t.setTimeout(400_000);

const SECONDS = 8;
const A_SECOND = 100;

/** Kinds of attempts, each on a connection of its own. @returns what became of it */
function attempts(address: string, authority: string): (() => Promise<string>)[] {
  const port = Number(address.slice(address.lastIndexOf(':') + 1));
  const codeOf = ({ code }: { code: string }) => code;
  const guess = async () => {
    const client = createClient(EnrollService, address, tlsCredentials(address, { authority }));
    const token = `guess0.${'0'.repeat(32)}`;
    return client
      .enroll({ token, requestPem: '' }, { timeoutMs: 5000 })
      .then(() => 'OK', codeOf)
      .finally(client.close);
  };
  const stranger = async () => {
    const client = createClient(AgentService, address, unverifiedCredentials());
    const stream = client.session();
    stream.send({ message: { case: 'join', value: { name: 'stranger', epoch: 'e' } } });
    const next = stream.messages[Symbol.asyncIterator]().next();
    return next.then(() => 'OK', codeOf).finally(client.close);
  };
  const noise = () =>
    new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.end('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));
      socket
        .on('error', () => {})
        .on('close', () => resolve('closed'))
        .resume();
    });
  return [guess, guess, stranger, noise];
}

function residentMb({ pid }: BenchProcess): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

t.test('a hundred failed joins a second: the run is as good as any, the log short, the attacker waits', async (t) => {
  const { folder, start, run } = workbench(t, { 'plan.yaml': '' });
  const target = start(['target', '--port', '0', '--db', 'rows.sqlite']);
  const [, url = ''] = await target.said(/^Target on (\S+),/m);
  await run(['control', 'init', '--host', '127.0.0.1', '--security', 'keys']);
  const control = start(['control', '--port', '0', '--store', 'runs.sqlite', '--security', 'keys']);
  const [, address = ''] = await control.said(/^Control on (\S+) \(TLS\)/m);
  const port = address.slice(address.lastIndexOf(':') + 1);
  const invited = await run(['control', 'invite', '--port', port, '--security', 'keys']);
  const agent = start([...invitedArguments(invited.stdout), '--name', 'a']);
  await agent.said(/^joined control/m);

  const plan = JSON.stringify({ ...YAML.parse(uploadPlan(SECONDS)), target: url });
  writeFileSync(`${folder}/plan.yaml`, plan);
  const args = ['run', 'plan.yaml', '--control', address, '--out', 'out', '--credentials', 'keys/operator'];
  const bench = start(args);
  await bench.said(/^running/m);
  const beforeMb = residentMb(control);

  const kinds = attempts(address, readFileSync(`${folder}/keys/ca.pem`, 'utf8'));
  const under: Promise<string>[] = [];
  const endMs = Date.now() + SECONDS * 1000 - 1000;
  const beginMs = Date.now();
  while (Date.now() < endMs) {
    const due = ((Date.now() - beginMs) * A_SECOND) / 1000;
    while (under.length < due) under.push((kinds[under.length % kinds.length] as () => Promise<string>)());
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const came = Map.groupBy(await Promise.all(under), (what) => what);
  const grownMb = residentMb(control) - beforeMb;
  t.comment([...came].map(([what, all]) => `${what}: ${all.length}`).join(', '), `${grownMb.toFixed(0)} MB more`);

  const ended = await bench.ended;
  const result: RunResult = JSON.parse(readFileSync(`${folder}/out/result.json`, 'utf8'));
  t.ok([0, 120].includes(ended.code ?? 1), ended.stderr);
  t.same(totalsOf(result), [['a', 'agree']]);
  t.same(doubtsOf(result), []);
  t.equal(lossOf(result), 0);
  // A monitor may well wait for a second on a busy host.
  const events = result.events.filter(({ text }) => !text.startsWith('monitor '));
  t.same(events, []);
  target.kill('SIGTERM');
  t.match((await target.ended).stderr, new RegExp(`${uploadsOf(result)} rows written`));

  t.ok(under.length >= 0.6 * A_SECOND * (SECONDS - 1), `${under.length} attempts`);
  t.equal(came.get('OK'), undefined, 'nobody got in');
  const rejected = came.get('UNAUTHENTICATED')?.length ?? 0;
  t.ok((came.get('RESOURCE_EXHAUSTED')?.length ?? 0) > 0.4 * under.length, 'who guesses tokens has to wait');
  t.ok(rejected > 0.2 * under.length);
  t.ok(grownMb < 100, `${grownMb} MB more`);
  control.kill('SIGTERM');
  const lines = (await control.ended).stderr.split('\n');
  t.ok(lines.filter((line) => /failed to join|may not call/.test(line)).length <= 30, `${lines.length} lines`);
});
