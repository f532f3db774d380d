import type { PlanInput } from '../../../core/plan/schema.ts';
import { BenchmarkError } from '../benchmark-error.ts';
import { grpcPeers, HEALTH_CHECK, HEALTH_PROTO } from '../peers/grpc.ts';
import type { HttpLoad } from '../peers/peer.ts';
import type { Figure } from '../ratios.ts';
import { startGrpcServer } from '../servers/grpc.ts';
import type { BenchmarkCase } from './case.ts';
import { ourGenerator, peerGenerator } from './http-generators.ts';
import { pairsOf } from './journey-pairs.ts';
import { perRuntime } from './product-runs.ts';

const CONNECTIONS = 50;

/** Beside ghz, and a program of Python's grpcio, where they are. */
export const grpc: BenchmarkCase = {
  name: 'grpc',
  title: `gRPC, unary calls in a closed loop over ${CONNECTIONS} connections`,
  byDefault: false,
  async run(options) {
    const peers = grpcPeers();
    if (peers.length === 0) throw new BenchmarkError('no peer is here: install ghz, or grpcio for python3');
    const { placement, folder, seconds } = options;
    const server = await startGrpcServer('grpc-server.ts');
    const load: HttpLoad = { url: server.url, method: 'POST', body: undefined, connections: CONNECTIONS, seconds };
    try {
      const report = await perRuntime('grpc unary', options, async (runtime, name) => {
        const ours = ourGenerator(runtime, placement, folder, planOf);
        const figures: Figure[] = [];
        for (const peer of peers) {
          const theirs = peerGenerator(peer, placement, folder);
          figures.push(...(await pairsOf(name, peer.name, ours, theirs, undefined, load, server, options)));
        }
        return { figures };
      });
      return { ...report, notes: [`Server: ${server.name}.`, ...report.notes] };
    } finally {
      await server.end();
    }
  },
};

/** The answer is checked: it is decoded, as it would be to go on with it. */
function planOf({ url, connections, seconds }: HttpLoad): PlanInput {
  const check = { method: HEALTH_CHECK, checks: { message: { json: { status: 'SERVING' } } } };
  return {
    name: 'Closed loop of calls',
    target: url,
    drivers: { grpc: { options: { proto: HEALTH_PROTO, operations: { check } } } },
    scenarios: {
      loop: {
        ...{ executor: 'constant-vus', vus: connections, duration: `${seconds}s`, gracefulStop: '5s' },
        operations: [{ driver: 'grpc', operation: 'check' }],
      },
    },
  };
}
