import { BenchmarkError } from '../benchmark-error.ts';
import { findProgram } from '../machine.ts';
import { observe } from '../measure/observe.ts';
import { locustJourney } from '../peers/locust.ts';
import type { HttpLoad } from '../peers/peer.ts';
import type { Figure } from '../ratios.ts';
import type { Runtime } from '../runtimes.ts';
import { startFastServer } from '../servers/fast-server.ts';
import type { LoadedServer } from '../servers/server.ts';
import type { BenchmarkCase, CaseOptions } from './case.ts';
import { ourGenerator, peerGenerator } from './http-generators.ts';
import { besidePlainGet, pairsOf } from './journey-pairs.ts';
import { flow, manyShoppers } from './journey-plans.ts';
import { peakMegabytes, secondsToConnect } from './memory.ts';
import { askedFigure, perRuntime, runOnce } from './product-runs.ts';

const CONNECTIONS = 50;
const USERS = 10_000;
/** The time to connect is read off these looks. */
const LOOK_EVERY_MS = 20;

/** What a user's journey costs beside the same number of plain requests. */
export const journeys: BenchmarkCase = {
  name: 'journeys',
  title: `Journeys: a flow of three steps with an extract, a header from it and a cookie, ${CONNECTIONS} users`,
  byDefault: true,
  async run(options) {
    const server = await startFastServer(options.folder);
    const load = loadOn(server, options);
    try {
      return await perRuntime('flow', options, async (runtime, name) => {
        const isFirst = runtime === options.runtimes[0];
        const goal = isFirst ? { atLeast: 0.75 } : undefined;
        const figures = await besidePlainGet(name, flow, goal, runtime, load, server, options);
        if (isFirst) figures.push(...(await besideLocust(name, runtime, load, server, options)));
        return { figures: [...figures, ...(await manyUsers(name, runtime, server, options))] };
      });
    } finally {
      await server.end();
    }
  },
};

/** A closed loop of GETs, or of journeys, on this server. */
export function loadOn(server: LoadedServer, { seconds }: CaseOptions): HttpLoad {
  return { url: `${server.url}/health`, method: 'GET', body: undefined, connections: CONNECTIONS, seconds };
}

async function besideLocust(
  name: string,
  runtime: Runtime,
  load: HttpLoad,
  server: LoadedServer,
  options: CaseOptions,
): Promise<Figure[]> {
  if (findProgram(locustJourney.program) === undefined) return [];
  const { placement, folder } = options;
  const ours = ourGenerator(runtime, placement, folder, flow);
  const theirs = peerGenerator(locustJourney, placement, folder);
  return pairsOf(name, locustJourney.name, ours, theirs, locustJourney.goals['requests/s'], load, server, options);
}

async function manyUsers(
  name: string,
  runtime: Runtime,
  server: LoadedServer,
  options: CaseOptions,
): Promise<Figure[]> {
  const { seen: samples } = await runOnce(
    manyShoppers(USERS, options.seconds, server.url),
    runtime,
    options,
    (agentPid, run) => observe(agentPid, server, run, LOOK_EVERY_MS),
  );
  const seconds = secondsToConnect(samples, USERS);
  if (seconds === undefined) throw new BenchmarkError(`${name}: the server never had ${USERS} connections`);
  const megabytes = peakMegabytes(samples);
  options.progress(`${name}, ${USERS} users: connected in ${seconds.toFixed(2)} s, ${megabytes.toFixed(0)} MB`);
  const goal = { atMost: 1 };
  const users = `${USERS} users with a jar and two variables`;
  return [
    askedFigure(name, runtime, options, { unit: `${users}: s to connect`, values: [seconds], asked: 2, goal }),
    askedFigure(name, runtime, options, { unit: `${users}: peak MB`, values: [megabytes], asked: 250, goal }),
  ];
}
