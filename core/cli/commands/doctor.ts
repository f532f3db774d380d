import { lookup } from 'node:dns/promises';
import { type AddressInfo, createServer } from 'node:net';
import type { Command } from 'commander';
import { errorMessage } from '../../error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { flag, wholeNumber } from '../flags/flags.ts';
import { childFlag } from '../flags/process-flags.ts';
import type { Output } from '../output.ts';
import { announce, Child } from '../processes/child.ts';
import { serveUntilEnd, withLifetime } from '../processes/lifetime.ts';

interface DoctorFlags {
  readonly vus: number;
}

/** A lookup that takes longer than this delays each new connection noticeably. */
const SLOW_LOOKUP_MS = 50;
/** Timers that fire later than this make think times and windows inexact. */
const LATE_TIMER_US = 10_000;
const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok');
const HEAD_END = '\r\n\r\n';

export function addDoctor(command: Command, run: (flags: DoctorFlags) => Promise<void>): void {
  command
    .description('check whether this host can generate load, and how exactly it keeps time')
    .addOption(
      flag('-u, --vus <number>', 'virtual users of one agent').default(1000).argParser(wholeNumber(1, 1_000_000)),
    )
    .addHelpText(
      'after',
      `
Examples:
  bench doctor
  bench doctor --vus 20000     does this host allow 20,000 connections?

The exit code is 1 when something has to be fixed.`,
    )
    .action(run);
}

export async function runDoctor({ vus }: DoctorFlags, output: Output): Promise<ExitCode> {
  const { preflight, readHostLimits } = await import('../../../agents/host/preflight.ts');
  const { processEnvironment } = await import('../../environment.ts');
  let ok = true;
  const tell = (name: string, text: string, good = true) => {
    ok &&= good;
    const mark = good ? output.paint('green', '✓') : output.paint('red', '✗');
    output.screen([`  ${mark} ${name.padEnd(18)} ${text}`]);
  };
  const { host, os, runtime, cpuModel, cpus, memoryBytes } = processEnvironment();
  output.line(`${host}: ${runtime} on ${os}, ${cpus} × ${cpuModel}, ${(memoryBytes / 1e9).toFixed(1)} GB`);
  output.screen(['', `Limits, for ${vus} virtual users in one agent`]);
  for (const { name, ok: good, text } of preflight(readHostLimits(), { sessions: vus })) tell(name, text, good);
  output.screen(['', 'Name lookup']);
  await tellLocalhost(tell);
  output.screen(['', 'Time']);
  const { clockCostNs, timerLateness } = await import('../processes/calibration.ts');
  tell('clock', `one reading takes ${clockCostNs().toFixed(0)} ns; times are recorded in whole microseconds`);
  const late = await timerLateness();
  const p99Us = late.valueAtQuantileUs(0.99);
  tell(
    'timers',
    `late by ${milliseconds(late.valueAtQuantileUs(0.5))} (median), ${milliseconds(p99Us)} (p99)` +
      (p99Us > LATE_TIMER_US ? ': this host is too busy for exact timing; stop other processes' : ''),
    p99Us <= LATE_TIMER_US,
  );
  output.screen(['', 'Overhead: what generating load costs on this host, without a network in between']);
  await tellOverhead(tell);
  return ok ? EXIT.pass : EXIT.error;
}

type Tell = (name: string, text: string, good?: boolean) => void;

/** If the first address of a name has no listener, each new connection waits for a refusal or a timeout first. */
async function tellLocalhost(tell: Tell): Promise<void> {
  const startMs = performance.now();
  try {
    const addresses = await lookup('localhost', { all: true, verbatim: true });
    const tookMs = performance.now() - startMs;
    const first =
      addresses[0]?.family === 6
        ? ', IPv6 first: a target that listens only on 127.0.0.1 is reached at the second attempt'
        : '';
    tell(
      'localhost',
      `${addresses.map(({ address }) => address).join(', ')} in ${tookMs.toFixed(1)} ms${first}` +
        (tookMs > SLOW_LOOKUP_MS ? ': slow; write 127.0.0.1 in plans, or add localhost to /etc/hosts' : ''),
      tookMs <= SLOW_LOOKUP_MS,
    );
  } catch (error) {
    const reason = errorMessage(error);
    tell('localhost', `does not resolve (${reason}): add "127.0.0.1 localhost" to /etc/hosts`, false);
  }
}

async function tellOverhead(tell: Tell): Promise<void> {
  const { measureOverhead } = await import('../processes/calibration.ts');
  const nothing = await measureOverhead('null', '', 50);
  tell('null driver', `${thousands(nothing.operationsPerSecond)} operations/s without a target`);
  const target = new Child('noop-target', 'the no-op target', []);
  try {
    const url = await target.ready;
    const one = await measureOverhead('http', url, 1);
    tell(
      'HTTP, 1 user',
      `median ${milliseconds(one.serviceTime.valueAtQuantileUs(0.5))}, p99 ${milliseconds(one.serviceTime.valueAtQuantileUs(0.99))}`,
      one.errors === 0,
    );
    const many = await measureOverhead('http', url, 50);
    tell(
      'HTTP, 50 users',
      `${thousands(many.operationsPerSecond)} requests/s, with the target on this host`,
      many.errors === 0,
    );
  } finally {
    await target.end();
  }
}

function milliseconds(us: number): string {
  return `${(us / 1000).toFixed(3)} ms`;
}

function thousands(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

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
