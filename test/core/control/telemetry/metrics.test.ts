import { once } from 'node:events';
import { request } from 'node:https';
import { connect } from 'node:net';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { serveMetrics } from '../../../../core/control/metrics-server.ts';
import { createRequest, issueClient, type KeyedCertificate } from '../../../../core/control/security/certificates.ts';
import { Invitations } from '../../../../core/control/security/invitations.ts';
import type { Role } from '../../../../core/control/security/role.ts';
import { initSecurity, readSecurity } from '../../../../core/control/security/security-folder.ts';
import { startControl } from '../../../../core/control/server.ts';
import { ControlMetrics } from '../../../../core/control/telemetry/metrics.ts';
import { RunMetrics } from '../../../../core/control/telemetry/run-metrics.ts';
import { parseExposition } from '../../../../plugins/prometheus/text.ts';
import { memoryTransport, ScriptedAgent } from '../scene/scripted-agent.ts';
import { LOCAL_CONTROL, servedControl } from '../scene/served-control.ts';
import { stage } from '../scene/stage.ts';

async function figures(metrics: ControlMetrics): Promise<Map<string, number>> {
  return new Map(
    parseExposition(await metrics.page()).map(({ name, labels, value }) => [
      [name, ...Object.values(labels)].join(' '),
      value,
    ]),
  );
}

t.test('control counts what comes and what it does with it', async (t) => {
  let stateCounts = (): { agents: Record<string, number>; runs: Record<string, number> } => ({ agents: {}, runs: {} });
  const metrics = new ControlMetrics(() => stateCounts(), new RunMetrics());
  t.teardown(() => metrics.close());
  const scene = await stage(t, { metrics });
  stateCounts = () => scene.control.stateCounts();
  const agent = await scene.agent();
  const twin = await scene.agent({ name: 'idle' });
  const runId = await scene.start();
  await scene.clock.until(agent.prepare());
  await scene.clock.until(twin.prepare());
  await scene.clock.until(agent.next('start'));
  await scene.clock.advance(1e6);
  agent.window(1, 0, [{ responseUs: [1000, 2000] }]);
  agent.sendWindow(runId, 1);
  agent.sendWindow(runId, 1);
  await scene.clock.advance(1e6);
  agent.sendWindow(runId, 1);
  await scene.clock.advance(1e5);
  const impostor = new ScriptedAgent(scene.clock, { epoch: 'another' });
  void impostor.join(memoryTransport(scene.control));
  await scene.clock.until(impostor.next('refused'));
  const during = await figures(metrics);
  t.equal(during.get('bench_control_failed_joins_total'), 1);
  t.equal(during.get('bench_control_agents running'), 2);
  t.equal(during.get('bench_control_runs running'), 1);
  t.equal(during.get('bench_control_windows_total received'), 1);
  t.equal(during.get('bench_control_windows_total duplicate'), 2);
  t.equal(during.get('bench_control_samples_total'), 2);
  t.ok((during.get('bench_control_window_bytes_total') ?? 0) > 10);
  t.equal(during.get('bench_control_ack_seconds_count'), 1);
  t.equal(during.get('bench_control_store_commit_seconds_count'), 1);
  t.ok((during.get('process_resident_memory_bytes') ?? 0) > 1e6);
  t.ok((during.get('process_cpu_seconds_total') ?? 0) > 0);
  t.ok(during.has('bench_control_event_loop_lag_seconds'));

  agent.window(2, 999, [{ responseUs: [1] }]);
  agent.sendWindow(runId, 2);
  await scene.clock.advance(1e5);
  await scene.stop(runId, 'enough', true);
  await scene.ended(runId);
  const after = await figures(metrics);
  t.equal(after.get('bench_control_windows_total refused'), 1);
  t.equal(after.get('bench_control_runs running'), undefined);
  const ended = [...after.keys()].filter((name) => name.startsWith('bench_control_ended_runs_total'));
  t.equal(ended.length, 1, ended.join());
  const { operations } = await scene.result(runId);
  const samples = operations.reduce((sum, { phases }) => sum + phases.measure.requests, 0);
  t.equal(after.get('bench_control_samples_total'), samples);
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

function ask(url: string, tls: { readonly ca: string; readonly own?: KeyedCertificate | undefined }): Promise<Answer> {
  const own = tls.own ? { cert: tls.own.certificate, key: tls.own.key } : {};
  return new Promise((resolve, reject) => {
    const asked = request(url, { ca: tls.ca, ...own, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on('error', reject).end();
  });
}

async function certificateFor(t: Test, role: Role) {
  const folder = t.testdir();
  await initSecurity(folder, [], Date.now());
  const security = await readSecurity(folder, Date.now());
  const signer = security.invitations?.signer as KeyedCertificate;
  const issue = async (wanted: Role) => {
    const { key, request } = await createRequest();
    const { certificate, serial } = await issueClient(signer, request, wanted, Date.now());
    await new Invitations(folder).record(serial, wanted, '', Date.now());
    return { certificate, key };
  };
  return { security, issue, own: await issue(role) };
}

t.test('off loopback the page is for viewers and operators with a certificate', async (t) => {
  const { security, issue, own } = await certificateFor(t, 'viewer');
  const metrics = new ControlMetrics(() => ({ agents: {}, runs: {} }), new RunMetrics());
  const server = await serveMetrics({ host: '127.0.0.1', port: 0, metrics, security });
  t.teardown(async () => {
    metrics.close();
    await server.close();
  });
  t.match(server.url, /^https:/);
  const ca = security.authority;
  t.match(await ask(server.url, { ca, own }), { status: 200, text: /^bench_control_info\{version=/m });
  t.match(await ask(server.url, { ca, own: await issue('operator') }), { status: 200 });
  t.match(await ask(server.url, { ca, own: await issue('agent') }), { status: 403 });
  t.match(await ask(server.url.replace('metrics', 'other'), { ca, own }), { status: 404 });
  const stranger = await certificateFor(t, 'operator');
  await t.rejects(ask(server.url, { ca }), 'without a certificate');
  await t.rejects(ask(server.url, { ca, own: stranger.own }), 'with one of another authority');
});

t.test(
  'on loopback the page is for those who name this host: DNS rebinding leads a browser here under another name',
  async (t) => {
    const metrics = new ControlMetrics(() => ({ agents: {}, runs: {} }), new RunMetrics());
    const server = await serveMetrics({ host: '127.0.0.1', port: 0, metrics, security: undefined });
    t.teardown(async () => {
      metrics.close();
      await server.close();
    });
    const { port } = new URL(server.url);
    const answerTo = async (head: string) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.end(`GET /metrics HTTP/1.1\r\n${head}\r\n`);
      let text = '';
      for await (const part of socket.setEncoding('utf8')) text += part;
      return text;
    };
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, 'LOCALHOST', '127.0.0.1', '[::1]:1', '127.9.9.9']) {
      t.match(await answerTo(`Host: ${host}\r\n`), /^HTTP\/1\.1 200 OK\r\n/, host);
    }
    const refused = [
      `evil.example:${port}`,
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '192.0.2.1',
      '0.0.0.0',
      '',
    ];
    for (const host of refused) {
      const answer = await answerTo(`Host: ${host}\r\n`);
      t.match(answer, /^HTTP\/1\.1 421 Misdirected Request\r\n/, host);
      t.match(answer, /this page is served to this host only: ask for it at localhost\n$/);
    }
    t.match(await answerTo(''), /^HTTP\/1\.1 421 /);
    t.match(await answerTo('Host: localhost\r\nHost: evil.example\r\n'), /^HTTP\/1\.1 421 /);
  },
);

for (const kind of ['with TLS', 'without'] as const) {
  t.test(`${kind}: connections on which nothing is asked keep nobody out`, async (t) => {
    const certified = kind === 'with TLS' ? await certificateFor(t, 'viewer') : undefined;
    const { security } = certified ?? {};
    const metrics = new ControlMetrics(() => ({ agents: {}, runs: {} }), new RunMetrics());
    const server = await serveMetrics({ host: '127.0.0.1', port: 0, metrics, security });
    t.teardown(async () => {
      metrics.close();
      await server.close();
    });
    const silent = Array.from({ length: 20 }, () => connect(Number(new URL(server.url).port), '127.0.0.1').resume());
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    const gone = Promise.race(
      silent.map((socket) =>
        once(
          socket.on('error', () => {}),
          'close',
        ),
      ),
    );
    const read = certified
      ? ask(server.url, { ca: certified.security.authority, own: certified.own })
      : fetch(server.url).then(async (answer) => ({ status: answer.status, text: await answer.text() }));
    t.match(await read, { status: 200, text: /^bench_control_info\{version=/m });
    await gone;
    t.equal(silent.filter(({ destroyed }) => destroyed).length, 1, 'one of them has given way');
    for (const socket of silent) socket.destroy();
  });

  t.test(`${kind}: who says nothing is cut off after a while, and holds up no end`, async (t) => {
    const security = kind === 'with TLS' ? (await certificateFor(t, 'viewer')).security : undefined;
    const metrics = new ControlMetrics(() => ({ agents: {}, runs: {} }), new RunMetrics());
    t.teardown(() => metrics.close());
    const server = await serveMetrics({ host: '127.0.0.1', port: 0, metrics, security });
    const silent = async () => {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
        .on('error', () => {})
        .resume();
      await once(socket, 'connect');
      return { closed: new Promise((resolve) => socket.on('close', resolve)) };
    };
    mock.timers.enable({ apis: ['setTimeout'] });
    t.teardown(() => mock.timers.reset());
    const first = await silent();
    let isClosed = false;
    void first.closed.then(() => {
      isClosed = true;
    });
    for (let turns = 0; turns < 1000 && !isClosed; turns++) {
      mock.timers.tick(1000);
      await setImmediate();
    }
    mock.timers.reset();
    t.ok(isClosed, 'cut off');
    const last = await silent();
    await server.close();
    await last.closed;
  });
}

t.test('a page that cannot be served is said in one sentence, and nothing is left', async (t) => {
  await t.rejects(startControl({ ...LOCAL_CONTROL, metrics: { host: '0.0.0.0', port: 0 } }), {
    message: /^--metrics: control listens on 0\.0\.0\.0 only with TLS: .*bench control init/,
  });
  const first = await servedControl(t, { metrics: { host: '127.0.0.1', port: 0 } });
  const page = await (await fetch(first.metricsUrl as string)).text();
  t.match(page, /^bench_control_windows_total\{outcome="received"\} 0$/m);
  const port = Number(new URL(first.metricsUrl as string).port);
  await t.rejects(startControl({ ...LOCAL_CONTROL, metrics: { host: '127.0.0.1', port } }), {
    message: /^port \d+ on 127\.0\.0\.1 is in use: .* choose another port with --metrics/,
  });
});
