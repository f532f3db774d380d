import { create } from '@bufbuild/protobuf';
import t from 'tap';
import { runsTable } from '../../../../core/cli/view/listings.ts';
import { RunState, RunSummarySchema } from '../../../../proto/gen/bench/v1/run_pb.ts';

const plain = (_: unknown, text: string) => text;

function run(more: { note?: string; tags?: string[] }) {
  const createdAt = '2026-11-30T05:00:00.000Z';
  return create(RunSummarySchema, {
    ...{ runId: 'k3x9q0a1b2c4', name: 'upload', state: RunState.FINISHED, createdAt, verdict: 'pass' },
    ...more,
  });
}

t.test('the list of runs has tags and notes where there are some', async (t) => {
  const [head = '', row = ''] = runsTable([run({ note: 'with the\nnew cache', tags: ['nightly', 'v:2'] })], 200, plain);
  t.match(head, /State +Tags +Note/);
  t.match(row, /pass +nightly v:2 +with the new cache/);
  t.notMatch(runsTable([run({})], 200, plain)[0], /Tags|Note/);
  const [tagged = ''] = runsTable([run({ tags: ['nightly'] })], 200, plain);
  t.match(tagged, /State +Tags +Why/);
});
