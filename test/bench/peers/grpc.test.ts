import t from 'tap';
import { ghz, grpcio } from './grpc.ts';

t.test('what the peers of the case grpc print is read', async (t) => {
  t.same(grpcio.read('{"requests": 5, "failures": 1, "p50Us": 1500.5, "p99Us": 9000}\n'), {
    requests: 5,
    failures: 1,
    p50Us: 1500.5,
    p99Us: 9000,
  });
  const printed = {
    count: 10,
    statusCodeDistribution: { OK: 8, Unavailable: 2 },
    latencyDistribution: [
      { percentage: 50, latency: 1_500_000 },
      { percentage: 99, latency: 9_000_000 },
    ],
  };
  t.same(ghz.read(JSON.stringify(printed)), { requests: 10, failures: 2, p50Us: 1500, p99Us: 9000 });
  t.same(ghz.read(JSON.stringify({ ...printed, latencyDistribution: null })).p50Us, undefined);
});
