import type { PlanInput } from '../../../core/plan/schema.ts';
import type { HttpLoad } from '../peers/peer.ts';
import { compare, type Figure, type Goal } from '../ratios.ts';
import type { Runtime } from '../runtimes.ts';
import type { LoadedServer } from '../servers/server.ts';
import type { CaseOptions } from './case.ts';
import { type Generator, type Measured, ourGenerator } from './http-generators.ts';
import { plainGet } from './journey-plans.ts';

const PLAIN = 'bench, plain GET';
const UNITS = ['requests/s', 'CPU µs/request'] as const;

/**
 * Runs a plan of ours and a plain GET, one after the other.
 * @param name of the figures
 * @param goal for the ratio of the requests per second, of a core each
 */
export function besidePlainGet(
  name: string,
  plan: (load: HttpLoad) => PlanInput,
  goal: Goal | undefined,
  runtime: Runtime,
  load: HttpLoad,
  server: LoadedServer,
  options: CaseOptions,
): Promise<Figure[]> {
  const { placement, folder } = options;
  const ours = ourGenerator(runtime, placement, folder, plan);
  const plain = ourGenerator(runtime, placement, folder, plainGet);
  return pairsOf(name, PLAIN, ours, plain, goal, load, server, options);
}

/** Runs two generators one after the other, pair by pair. */
export async function pairsOf(
  name: string,
  peer: string,
  ours: Generator,
  theirs: Generator,
  goal: Goal | undefined,
  load: HttpLoad,
  server: LoadedServer,
  { pairs, progress }: CaseOptions,
): Promise<Figure[]> {
  const runs: { us: Measured; them: Measured }[] = [];
  for (let round = 1; round <= pairs; round++) {
    const us = await ours(load, server);
    const them = await theirs(load, server);
    runs.push({ us, them });
    progress(`${name}, pair ${round} of ${pairs}: ${rate(us)}, ${peer} ${rate(them)}`);
  }
  return UNITS.flatMap((unit) => {
    const values = runs.flatMap(({ us, them }) => {
      const [ourValue, theirValue] = [us[unit], them[unit]];
      return ourValue === undefined || !theirValue ? [] : [{ us: ourValue, them: theirValue }];
    });
    if (values.length === 0) return [];
    return [{ case: name, peer, unit, ...compare(values), ...(unit === 'requests/s' && goal && { goal }) }];
  });
}

function rate(run: Measured): string {
  return `${Math.round(run['requests/s'] ?? 0)}/s`;
}
