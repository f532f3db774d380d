import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadedServer } from '../servers/server.ts';
import { readProcessTree } from './process-tree.ts';
import type { Sample } from './steady.ts';

/** Looks at the generator and the server again and again until the load is over, and once more then. */
export async function observe(
  generatorPid: number,
  server: Pick<LoadedServer, 'counters'>,
  over: Promise<unknown>,
  everyMs = 100,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  const ended = over.then(end, end);
  const look = async () => {
    const { served, connections } = await server.counters();
    samples.push({ atMs: performance.now(), served, connections, use: readProcessTree(generatorPid) });
  };
  while (!isOver) {
    await look();
    await Promise.race([sleep(everyMs), ended]);
  }
  await look();
  return samples;
}
