import { isDeepStrictEqual as isSame } from 'node:util';
import t from 'tap';
import { ErrorKinds, MAX_ERROR_KINDS, MAX_RUN_ERROR_KINDS, RunErrorKinds } from '../../../core/stats/error-kinds.ts';
import type { FailureSample } from '../../../core/stats/kept-sample.ts';
import fc from '../../kit/property.ts';

const added = fc.array(
  fc.record({
    second: fc.integer({ min: 0, max: 20 }),
    kind: fc.integer({ min: 0, max: 3 * MAX_ERROR_KINDS }).map((id) => (id === 0 ? 'other' : `not_found_${id}`)),
    count: fc.integer({ min: 1, max: 9 }),
  }),
  { maxLength: 500 },
);

const sample = fc.record(
  {
    atUs: fc.nat(5),
    durationUs: fc.constant(1),
    message: fc.constantFrom('a', 'b'),
    sent: fc.constantFrom('GET /a', 'GET /b'),
    received: fc.constantFrom('', 'HTTP/1.1 500'),
  },
  { noNullPrototype: true },
);
interface WithSamples {
  readonly agent: string;
  readonly second: number;
  readonly kind: string;
  readonly samples: readonly FailureSample[];
}
const withSamples: fc.Arbitrary<WithSamples> = fc.record({
  agent: fc.constantFrom('agent-1', 'agent-2'),
  second: fc.nat(3),
  kind: fc.constantFrom('timeout', 'http_500'),
  samples: fc.array(sample, { maxLength: 3 }),
});

t.test('of the failures of a kind the first three are kept, in whatever order they come', async (t) => {
  const merged = (errors: readonly WithSamples[]) => {
    const kinds = new ErrorKinds(new RunErrorKinds());
    for (const { agent, second, kind, samples } of errors) {
      kinds.add(agent, second, { kind, count: 3, example: '', ...(samples.length > 0 && { samples }) });
    }
    return kinds.result();
  };
  fc.assert(
    fc.property(fc.array(withSamples, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (errors, draws) => {
      const shuffled = errors
        .map((error) => ({ error, place: draws.next().value as number }))
        .toSorted((a, b) => a.place - b.place)
        .map(({ error }) => error);
      t.strictSame(merged(shuffled), merged(errors));
      for (const { kind, samples = [] } of merged(errors)) {
        const all = errors.filter((error) => error.kind === kind).flatMap((error) => error.samples);
        t.equal(samples.length, Math.min(3, all.length));
        for (const { agent, ...one } of samples) {
          t.ok(
            errors.some((error) => error.agent === agent && error.samples.some((sample) => isSame(sample, one))),
            'with the agent that saw it',
          );
        }
        const latest = Math.max(...samples.map(({ atUs }) => atUs));
        t.ok(all.filter(({ atUs }) => atUs < latest).length <= 2, 'the first ones');
      }
    }),
    { numRuns: 60 },
  );
});

t.test('kinds with ids in them are bounded; none of their errors is lost', async (t) => {
  fc.assert(
    fc.property(added, (errors) => {
      const kinds = new ErrorKinds(new RunErrorKinds());
      for (const { second, kind, count } of errors) kinds.add('agent-1', second, { kind, count, example: `${kind}!` });
      const result = kinds.result();
      const sum = (counts: readonly { count: number }[]) => counts.reduce((all, { count }) => all + count, 0);
      const named = result.filter(({ kind }) => kind !== 'other');
      return (
        result.length <= MAX_ERROR_KINDS + 1 &&
        sum(result) === sum(errors) &&
        named.every(({ kind, count }) => count === sum(errors.filter((error) => error.kind === kind)))
      );
    }),
  );
  const kinds = new ErrorKinds(new RunErrorKinds());
  for (let id = 0; id < 180_000; id++)
    kinds.add('agent-1', id % 3600, { kind: `not_found_${id}`, count: 1, example: '' });
  kinds.add('agent-1', 5000, { kind: 'not_found_0', count: 7, example: '' });
  t.equal(kinds.result().length, MAX_ERROR_KINDS + 1);
  t.match(kinds.result()[0], { kind: 'other', count: 180_000 - MAX_ERROR_KINDS, lastSecond: 3599 });
  t.match(kinds.result()[1], { kind: 'not_found_0', count: 8, lastSecond: 5000 }, 'the first keep their names');
});

t.test('many rows with many kinds each have an end too, and lose no error', async (t) => {
  const run = new RunErrorKinds();
  const rows = Array.from({ length: 500 }, () => new ErrorKinds(run));
  for (const row of rows) {
    for (let id = 0; id < MAX_ERROR_KINDS; id++) row.add('agent-1', 0, { kind: `kind_${id}`, count: 1, example: '' });
  }
  const kinds = rows.flatMap((row) => row.result());
  t.equal(kinds.filter(({ kind }) => kind !== 'other').length, MAX_RUN_ERROR_KINDS);
  t.equal(
    kinds.reduce((sum, { count }) => sum + count, 0),
    500 * MAX_ERROR_KINDS,
  );
});
