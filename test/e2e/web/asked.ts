import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { invitedArguments, type StartOptions, type workbench } from '../bench-process.ts';

export interface Told {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests compare what came with what they want
  readonly json: any;
}
export type Ask = (method: string, path: string, body?: unknown) => Promise<Told>;

type Bench = ReturnType<typeof workbench>;

/** Control and one agent on loopback. @returns asks the API as anybody on this host can */
export async function servedHere({ start }: Bench, plans: string, options?: Partial<StartOptions>): Promise<Ask> {
  const web = ['--web', '127.0.0.1:0', '--plans', plans];
  const control = start(['control', '--port', '0', '--store', ':memory:', ...web], options);
  const [, url = ''] = await control.said(/the HTTP API at (\S+)\.$/m);
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  await start(['agent', '--control', address, '--name', 'a'], options).said(/^joined control/m);
  return async (method, path, body) => {
    const headers = { 'content-type': 'application/json', 'x-bench': '1' };
    const sent = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const answer = await fetch(`${url}${path}`, sent);
    return { status: answer.status, json: await answer.json() };
  };
}

/** Control with TLS and one agent that was invited. @returns asks the API with the token of an operator */
export async function servedByTls(
  { folder, start, run }: Bench,
  plans: string,
  options?: Partial<StartOptions>,
): Promise<Ask> {
  await run(['control', 'init', '--host', '127.0.0.1', '--security', 'keys']);
  const web = ['--web', '0.0.0.0:0', '--plans', plans];
  const control = start(['control', '--port', '0', '--store', ':memory:', '--security', 'keys', ...web], options);
  const [, port = ''] = await control.said(/the HTTP API at https:\/\/127\.0\.0\.1:(\d+)\//m);
  const [, ownPort = ''] = await control.said(/^Control on \S+:(\d+) \(TLS\)/m);
  const invite = ['control', 'invite', '--port', ownPort, '--security', 'keys'];
  const agent = start([...invitedArguments((await run(invite)).stdout), '--name', 'a'], options);
  await agent.said(/^joined control/m);
  const token = (await run([...invite, '--role', 'operator', '--api'])).stdout.trim();
  const ca = readFileSync(join(folder, 'keys/ca.pem'));
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const to = { host: '127.0.0.1', port, servername: 'localhost', ca, method, path: `/api/v1${path}`, headers };
      const request = httpsRequest(to, (answer: IncomingMessage) => {
        let text = '';
        answer.on('data', (piece: Buffer) => {
          text += piece;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, json: JSON.parse(text) }));
      });
      request.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
}

/** What the run has come to, once it is over. */
export async function resultOf(ask: Ask, runId: string): Promise<Told['json']> {
  for (;;) {
    const { status, json } = await ask('GET', `/runs/${runId}`);
    if (status !== 200 || ['finished', 'failed'].includes(json.state)) break;
    await setTimeout(100);
  }
  return (await ask('GET', `/runs/${runId}/result`)).json;
}
