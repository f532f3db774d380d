import { BenchmarkError } from '../benchmark-error.ts';
import type { HttpLoad, Peer } from '../peers/peer.ts';
import { compare, type Figure, type Pair } from '../ratios.ts';
import { startFastServer } from '../servers/fast-server.ts';
import { type LoadedServer, UPLOAD_PATH } from '../servers/server.ts';
import type { BenchmarkCase, CaseOptions, CaseReport } from './case.ts';
import { type Generator, type Measured, ourGenerator, peerGenerator, UNITS, type Unit } from './http-generators.ts';
import { perRuntime } from './product-runs.ts';

const CONNECTIONS = 50;
/** As documented for the upload endpoint. */
const BODY = '{"device_id":"device-0001","test_data":42.5}';

export const http: BenchmarkCase = {
  name: 'http',
  title: `HTTP, closed loop over ${CONNECTIONS} connections`,
  byDefault: true,
  async run(options) {
    if (options.peers.length === 0) throw new BenchmarkError('no peer is on PATH: install one, such as wrk');
    const server = await startFastServer(options.folder);
    const { seconds } = options;
    const url = server.url;
    try {
      const gets = await runLoad(
        { url: `${url}/health`, method: 'GET', body: undefined, connections: CONNECTIONS, seconds },
        server,
        options,
      );
      const posts = await runLoad(
        { url: `${url}${UPLOAD_PATH}`, method: 'POST', body: BODY, connections: CONNECTIONS, seconds },
        server,
        options,
      );
      return {
        figures: [...gets.figures, ...posts.figures],
        tables: [],
        notes: [`Server: ${server.name}.`, ...gets.notes, ...posts.notes],
      };
    } finally {
      await server.end();
    }
  },
};

function runLoad(load: HttpLoad, server: LoadedServer, options: CaseOptions): Promise<CaseReport> {
  const { placement, folder, runtimes, peers } = options;
  return perRuntime(`http ${load.method}`, options, async (runtime, name) => {
    const ours = ourGenerator(runtime, placement, folder);
    // What is asked, is asked of the first runtime: the others stand beside one peer.
    const beside = runtime === runtimes[0] ? peers : peers.slice(0, 1).map((peer) => ({ ...peer, goals: {} }));
    return runPairs(name, ours, beside, load, server, options);
  });
}

/** Round after round over all peers, so that each peer's pairs are spread over the whole time; each pair is ours, theirs. */
async function runPairs(
  name: string,
  ours: Generator,
  peers: readonly Peer[],
  load: HttpLoad,
  server: LoadedServer,
  { pairs, placement, folder, progress }: CaseOptions,
): Promise<Partial<CaseReport>> {
  const notes: string[] = [];
  const measured = new Map(peers.map((peer) => [peer, [] as { us: Measured; them: Measured }[]]));
  for (let round = 1; round <= pairs; round++) {
    for (const [peer, runs] of measured) {
      const us = await ours(load, server);
      try {
        const them = await peerGenerator(peer, placement, folder)(load, server);
        runs.push({ us, them });
        progress(`${name}, pair ${round} of ${pairs}: bench ${rate(us)}, ${peer.name} ${rate(them)}`);
      } catch (error) {
        if (!(error instanceof BenchmarkError)) throw error;
        notes.push(`${name}: ${peer.name} is left out: ${error.message}`);
        measured.delete(peer);
      }
    }
  }
  const figures = [...measured].flatMap(([peer, runs]) => UNITS.flatMap((unit) => figureOf(name, peer, unit, runs)));
  return { figures, notes };
}

function figureOf(name: string, peer: Peer, unit: Unit, runs: readonly { us: Measured; them: Measured }[]): Figure[] {
  const pairs: Pair[] = runs.flatMap(({ us, them }) => {
    const [ourValue, theirValue] = [us[unit], them[unit]];
    // A tool that rounds to milliseconds prints 0: no ratio to that.
    return ourValue === undefined || !theirValue ? [] : [{ us: ourValue, them: theirValue }];
  });
  if (pairs.length === 0) return [];
  const goal = peer.goals[unit];
  return [{ case: name, peer: peer.name, unit, ...compare(pairs), ...(goal && { goal }) }];
}

function rate(run: Measured): string {
  return `${Math.round(run['requests/s'] ?? 0)}/s`;
}
