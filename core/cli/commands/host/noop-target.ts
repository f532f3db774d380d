import { type AddressInfo, createServer } from 'node:net';
import type { Command } from 'commander';
import type { ExitCode } from '../../exit-codes.ts';
import { childFlag } from '../../flags/process-flags.ts';
import { announce } from '../../processes/child.ts';
import { serveUntilEnd, withLifetime } from '../../processes/lifetime.ts';

const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok');
const HEAD_END = '\r\n\r\n';

/** For `bench doctor`: what a target that does nothing costs. */
export function addNoopTarget(command: Command, run: (flags: object) => Promise<void>): void {
  command.description('answer every HTTP request without a body at once').addOption(childFlag()).action(run);
}

export async function runNoopTarget(): Promise<ExitCode> {
  return withLifetime(true, async (lifetime) => {
    const server = createServer({ noDelay: true }, (socket) => {
      let rest = '';
      socket.on('error', () => {});
      socket.on('data', (data: Buffer) => {
        const requests = (rest + data.toString('latin1')).split(HEAD_END);
        rest = requests.pop() as string;
        for (const _ of requests) socket.write(ANSWER);
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    announce({ ready: 'noop-target', at: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    return serveUntilEnd(lifetime, async () => {
      server.close();
    });
  });
}
