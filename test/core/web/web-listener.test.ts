import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import t from 'tap';
import { initSecurity, readSecurity } from '../../../core/control/security/security-folder.ts';
import { listenForWeb } from '../../../core/web/web-listener.ts';

const LIMITS = { headMs: 100, requestMs: 200 };

t.test('over TLS a connection on which nothing happens is closed, in the handshake and after it', async (t) => {
  const folder = t.testdir();
  await initSecurity(folder, ['control.example'], Date.now());
  const { server, authority: ca } = await readSecurity(folder, Date.now());
  const { port, close } = await listenForWeb({ host: '127.0.0.1', port: 0 }, server, () => {}, LIMITS);
  t.teardown(close);
  const place = { host: '127.0.0.1', port };
  const secured = (protocol: string) =>
    connectTls({ ...place, ca, servername: 'localhost', ALPNProtocols: [protocol] });
  await Promise.all([closed(connect(place)), closed(secured('http/1.1')), closed(secured('h2'))]);
});

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
  });
}
