/**
 * Measures this checkout against another one, such as the state before a change. Both run in one process, in blocks of a few
 * milliseconds that alternate, so that whatever else the machine does falls on both alike: differences of one or two percent
 * show on machines on which two runs one after the other differ by ten.
 */
import { resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { PlanInput } from '../../../core/plan/schema.ts';
import { BenchmarkError } from '../benchmark-error.ts';
import { medianInterval } from '../ratios.ts';
import { startPlainServer } from '../servers/plain.ts';
import { UPLOAD_PATH } from '../servers/server.ts';
import { asText } from '../table.ts';
import { type BlockTime, loadCheckout } from './checkout.ts';

const HERE = fileURLToPath(new URL('../../..', import.meta.url));
const VUS = 50;
const BLOCKS = 120;
/** Until the runtime has compiled what is measured. */
const WARM_UP_BLOCKS = 6;

interface Work {
  readonly name: string;
  /** Of one block. */
  readonly operations: number;
  readonly driver: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

const WORK: readonly Work[] = [
  { name: 'engine alone', operations: 300_000, driver: 'null' },
  { name: 'http GET', operations: 8000, driver: 'http', options: { operations: { get: { path: '/' } } } },
  { name: 'http-upload POST', operations: 8000, driver: 'http-upload', options: { path: UPLOAD_PATH } },
];

function planOf({ operations, driver, options }: Work, target: string): PlanInput {
  return {
    name: 'against',
    target,
    ...(options && { drivers: { [driver]: { options } } }),
    scenarios: {
      work: {
        executor: 'shared-iterations',
        vus: VUS,
        iterations: operations,
        maxDuration: '1h',
        operations: [{ driver }],
      },
    },
  };
}

/** The ratio of ours to the other's, block by block: its median, and where the true one is with 95 % confidence. */
async function compare(work: Work, target: string, other: string): Promise<string[]> {
  const plan = planOf(work, target);
  const ours = await loadCheckout(HERE, plan, work.operations);
  const theirs = await loadCheckout(other, plan, work.operations);
  const cpu: number[] = [];
  const wall: number[] = [];
  for (let block = -WARM_UP_BLOCKS; block < BLOCKS; block++) {
    const first = block % 2 === 0 ? ours : theirs;
    const second = first === ours ? theirs : ours;
    const times = [await first(), await second()] as const;
    const [us, them] = (first === ours ? times : [times[1], times[0]]) as readonly [BlockTime, BlockTime];
    if (block < 0) continue;
    cpu.push(us.cpuUs / them.cpuUs);
    wall.push(us.wallUs / them.wallUs);
  }
  return [work.name, shown(cpu), shown(wall)];
}

function shown(ratios: readonly number[]): string {
  const { median, low, high } = medianInterval(ratios);
  return `${median.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`;
}

async function main(folder: string | undefined): Promise<void> {
  if (folder === undefined) throw new BenchmarkError('Usage: npm run bench:against -- <folder of another checkout>');
  const server = await startPlainServer();
  try {
    const rows: string[][] = [];
    for (const work of WORK) rows.push(await compare(work, server.url, resolve(folder)));
    const title = `This checkout ÷ ${resolve(folder)}: median of ${BLOCKS} pairs of blocks (95 % confidence)`;
    process.stdout.write(`${asText({ title, header: ['', 'CPU time per operation', 'time per operation'], rows })}\n`);
  } finally {
    await server.end();
  }
}

try {
  await main(process.argv[2]);
} catch (error) {
  if (!(error instanceof BenchmarkError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
