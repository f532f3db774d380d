import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { CallerLog } from '../../../../core/control/security/caller-log.ts';
import { Connections, connectionLimits } from '../../../../core/control/security/connections.ts';
import { initSecurity } from '../../../../core/control/security/security-folder.ts';
import { startControl } from '../../../../core/control/server.ts';
import { RunService } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { createClient } from '../../../../proto/rpc/adapter.ts';
import { FakeClock } from '../../../../testing/fake-clock.ts';
import { accessTo } from '../../../kit/local-access.ts';
import { LOCAL_CONTROL } from '../scene/served-control.ts';

class FakeSocket extends EventEmitter {
  readonly remoteAddress: string;
  readonly remotePort: number;
  destroyed = false;

  constructor(remoteAddress: string, remotePort: number) {
    super();
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }
}

function scene(anonymous: number, known = 1000) {
  const clock = new FakeClock();
  const log: string[] = [];
  const callers = new CallerLog(clock, (line) => log.push(line));
  const connections = new Connections({ clock, callers, limits: { anonymous, known } });
  let port = 1000;
  const open = (address: string) => {
    const socket = new FakeSocket(address, port++);
    connections.accept(socket as unknown as Socket);
    return { socket, peer: `${address}:${socket.remotePort}` };
  };
  return { clock, log, connections, open };
}

t.test('beyond the limit the oldest of the most crowded address goes, and nobody who is known', async (t) => {
  const { connections, open, log } = scene(3);
  const known = [open('192.0.2.9'), open('192.0.2.9'), open('192.0.2.9')];
  for (const { peer } of known) connections.identified(peer);
  const other = open('192.0.2.1');
  const crowd = [open('192.0.2.9'), open('192.0.2.9'), open('192.0.2.9'), open('192.0.2.9')];
  t.same(
    crowd.map(({ socket }) => socket.destroyed),
    [true, true, false, false],
  );
  t.notOk(other.socket.destroyed, 'another address does not pay for it');
  t.notOk(known.some(({ socket }) => socket.destroyed));
  t.equal(connections.anonymousCount, 3);
  const told = 'more than 3 connections have not shown who they are: the oldest one of 192.0.2.9 is closed';
  t.strictSame(log, [told, told]);
});

t.test('a connection has 15 s to show who calls', async (t) => {
  const { clock, connections, open } = scene(10);
  const [idle, known] = [open('192.0.2.1'), open('192.0.2.1')];
  await clock.advance(14_000_000);
  connections.identified(known.peer);
  t.notOk(idle.socket.destroyed);
  await clock.advance(1_000_000);
  t.ok(idle.socket.destroyed);
  await clock.advance(3600_000_000);
  t.notOk(known.socket.destroyed);
});

t.test('a caller that is no longer let in is anonymous again, and a stubborn one is cut off', async (t) => {
  const { clock, connections, open } = scene(10);
  const [revoked, stubborn] = [open('192.0.2.1'), open('192.0.2.2')];
  for (const { peer } of [revoked, stubborn]) connections.identified(peer);
  connections.rejected(revoked.peer);
  for (let i = 0; i < 99; i++) connections.rejected(stubborn.peer);
  t.notOk(stubborn.socket.destroyed);
  connections.rejected(stubborn.peer);
  t.ok(stubborn.socket.destroyed);
  t.equal(connections.anonymousCount, 1);
  await clock.advance(15_000_000);
  t.ok(revoked.socket.destroyed);
  t.equal(connections.anonymousCount, 0);
});

t.test('at the end what was sent may still go out, but not for ever', async (t) => {
  const { clock, connections, open } = scene(10);
  const [idle, sending, stuck] = [open('192.0.2.1'), open('192.0.2.1'), open('192.0.2.1')];
  for (const { peer } of [sending, stuck]) connections.identified(peer);
  let isClosed = false;
  const closing = connections.close(2_000_000).then(() => {
    isClosed = true;
  });
  t.ok(idle.socket.destroyed);
  sending.socket.destroy();
  await clock.advance(1_999_999);
  t.notOk(isClosed);
  await clock.advance(1);
  await closing;
  t.ok(stuck.socket.destroyed);
});

t.test('beyond the limit of known callers one more is turned away, until another has left', async (t) => {
  const { clock, connections, open } = scene(10, 2);
  const known = [open('192.0.2.1'), open('192.0.2.1')];
  for (const { peer } of known) t.ok(connections.identified(peer));
  const late = open('192.0.2.2');
  t.notOk(connections.identified(late.peer));
  t.ok(connections.identified(known[0]?.peer ?? ''), 'who is there stays');
  known[1]?.socket.destroy();
  t.ok(connections.identified(late.peer));
  const turnedAway = open('192.0.2.3');
  t.notOk(connections.identified(turnedAway.peer));
  await clock.advance(15_000_000);
  t.ok(turnedAway.socket.destroyed, 'it holds its descriptor no longer than a stranger');
  t.notOk(late.socket.destroyed);
});

t.test('some file descriptors always stay free', async (t) => {
  t.same(connectionLimits(false, 256), { anonymous: 128, web: 0, known: 64 });
  t.same(connectionLimits(false, 1024), { anonymous: 512, web: 0, known: 448 });
  t.same(connectionLimits(false, 1_048_576), { anonymous: 1024, web: 0, known: 1_047_488 });
  t.same(connectionLimits(true, 256), { anonymous: 64, web: 64, known: 64 });
  t.same(connectionLimits(true, 1024), { anonymous: 256, web: 256, known: 448 });
  t.same(connectionLimits(true, 1_048_576), { anonymous: 1024, web: 1000, known: 1_046_488 });
  t.same(connectionLimits(true, 1), { anonymous: 1, web: 1, known: 1 });
  for (const descriptors of [160, 161, 255, 1024, 4096, 65_536]) {
    for (const hasWeb of [true, false]) {
      const { anonymous, web, known } = connectionLimits(hasWeb, descriptors);
      t.ok(anonymous + web + known <= descriptors - 64, `${descriptors}: ${anonymous}, ${web} and ${known}`);
    }
  }
});

for (const kind of ['with TLS', 'without TLS'] as const) {
  t.test(`connections that say nothing end by themselves, and shut nobody out: ${kind}`, async (t) => {
    const control = await idleControl(t, kind === 'with TLS');
    const sockets: Socket[] = [];
    for (let i = 0; i < 40; i++) {
      const socket = connect(control.port, '127.0.0.1').on('error', () => {});
      t.teardown(() => socket.destroy());
      await once(socket, 'connect');
      sockets.push(socket);
    }
    if (kind === 'without TLS') {
      const client = createClient(RunService, control.address, accessTo(control.address));
      t.teardown(() => client.close());
      await t.resolves(client.listRuns({}));
    }
    const closed = sockets.map((socket) => once(socket.resume(), 'close'));
    await control.clock.advance(15_000_000);
    await Promise.all(closed);
  });
}

async function idleControl(t: Test, isSecure: boolean) {
  const clock = new FakeClock();
  const folder = t.testdir();
  if (isSecure) await initSecurity(folder, [], clock.epochMs());
  const control = await startControl({
    ...LOCAL_CONTROL,
    clock,
    ...(isSecure ? { access: { security: folder } } : {}),
  });
  t.teardown(async () => {
    const stopping = control.stop('the test has ended');
    await clock.advance(3_000_000);
    await stopping;
  });
  return { ...control, clock };
}
