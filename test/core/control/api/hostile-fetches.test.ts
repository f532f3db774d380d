/** Agents that ask for what they have no part in, over TLS, where each is known by its certificate. */
import { createHash, randomBytes } from 'node:crypto';
import t, { type Test } from 'tap';
import { ContentCache } from '../../../../core/bundle/content-cache.ts';
import { systemClock } from '../../../../core/clock.ts';
import { createRequest } from '../../../../core/control/security/certificates.ts';
import type { Role } from '../../../../core/control/security/role.ts';
import { initSecurity, readSecurity } from '../../../../core/control/security/security-folder.ts';
import { ANY_FILE } from '../../../../core/secret-files.ts';
import { AgentService } from '../../../../proto/gen/bench/v1/agent_pb.ts';
import { BundleKind } from '../../../../proto/gen/bench/v1/plan_pb.ts';
import { RunService } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { createClient, tlsCredentials } from '../../../../proto/rpc/adapter.ts';
import { ScriptedAgent } from '../scene/scripted-agent.ts';
import { servedControl } from '../scene/served-control.ts';
import { fakePlan } from '../scene/stage.ts';

const sha256Of = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

async function stage(t: Test) {
  const folder = t.testdir({ security: {}, cache: {} });
  const securityFolder = `${folder}/security`;
  await initSecurity(securityFolder, [], Date.now());
  const security = await readSecurity(securityFolder, Date.now());
  const { signer, book } = security.invitations as NonNullable<typeof security.invitations>;
  const bundles = { cache: new ContentCache(`${folder}/cache`), remoteCode: 'any' as const };
  const { address } = await servedControl(t, {
    access: { security: securityFolder },
    files: { secrets: ANY_FILE, bundles },
  });
  const credentialsOf = async (role: Role) => {
    const { key, request } = await createRequest();
    const token = await book.invite(role, 60_000, Date.now());
    const { certificate } = await book.redeem(token, request, signer, Date.now());
    return tlsCredentials(address, { ...security, own: { certificate, key } });
  };
  const operator = createClient(RunService, address, await credentialsOf('operator'));
  t.teardown(() => operator.close());
  const agentNamed = async (name: string, region: string) => {
    const client = createClient(AgentService, address, await credentialsOf('agent'));
    const agent = new ScriptedAgent(systemClock, { name, labels: { region } });
    const session = client.session();
    void agent.join(session).catch(() => {});
    t.teardown(() => {
      agent.cut();
      client.close();
    });
    await agent.next('welcome');
    const fetched = async (runId: string, sha256: string) => {
      const pieces: Uint8Array[] = [];
      for await (const { piece } of client.getContent({ runId, sha256 })) pieces.push(piece);
      return Buffer.concat(pieces);
    };
    return { agent, fetched };
  };
  const send = async (content: Uint8Array<ArrayBuffer>) => {
    const stream = operator.sendContents();
    stream.send({ part: { case: 'header', value: { sha256: sha256Of(content), bytes: content.length } } });
    stream.send({ part: { case: 'piece', value: content } });
    stream.end();
    for await (const _ of stream.messages);
  };
  const start = async (region: string, content: Uint8Array<ArrayBuffer>) => {
    await send(content);
    const entry = { kind: BundleKind.FILE, name: 'users.csv', sha256: sha256Of(content), bytes: content.length };
    const plan = { json: JSON.stringify(fakePlan), baseDirectory: '/plans', bundle: [entry] };
    const { runId } = await operator.startRun({ plan, expectAgents: 1, agentLabels: { region } });
    return { runId, sha256: entry.sha256 };
  };
  return { agentNamed, start };
}

t.test('an agent gets the files of its own run, and of no other', async (t) => {
  const { agentNamed, start } = await stage(t);
  const own = randomBytes(700_000);
  const [good, evil] = [await agentNamed('good', 'eu'), await agentNamed('evil', 'us')];
  const { runId, sha256 } = await start('eu', own);
  await good.agent.next('assignment');
  t.ok((await good.fetched(runId, sha256)).equals(own), 'its own');
  const refusal = { code: 'NOT_FOUND', message: 'no run in which this agent takes part has this content' };
  await t.rejects(evil.fetched(runId, sha256), refusal, 'an agent without a run');
  const others = await start('us', randomBytes(1000));
  await evil.agent.next('assignment');
  await t.rejects(evil.fetched(runId, sha256), refusal, 'by the id of the other run');
  await t.rejects(evil.fetched(others.runId, sha256), refusal, 'by the id of its own run');
  for (const wrong of ['', '../contents', '0'.repeat(64), sha256.toUpperCase(), `${sha256}\0`, 'x'.repeat(100_000)]) {
    await t.rejects(good.fetched(runId, wrong), refusal, wrong.slice(0, 20));
  }
  await t.rejects(good.fetched('../..', sha256), refusal);
  const again = await Promise.all(Array.from({ length: 40 }, () => good.fetched(runId, sha256)));
  t.ok(
    again.every((content) => content.equals(own)),
    'the same file, forty times at once',
  );
});
