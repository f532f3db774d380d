import t from 'tap';
import { cases } from './cases/cases.ts';
import { readFlags } from './flags.ts';
import { peers } from './peers/peers.ts';
import { commandLine } from './provenance.ts';

const read = (...argv: string[]) => readFlags(argv, cases, peers);

t.test('flags are read', async (t) => {
  const flags = read(
    '--only',
    'http,open',
    '--peers',
    'wrk, k6',
    '--runtimes',
    'node',
    '--pairs',
    '2',
    '--json',
    'a.json',
  );
  t.same(
    flags.only.map(({ name }) => name),
    ['http', 'open'],
  );
  t.same(
    flags.peers?.map(({ name }) => name),
    ['wrk', 'k6'],
  );
  t.same(
    { runtimes: flags.runtimes, pairs: flags.pairs, json: flags.json },
    { runtimes: ['node'], pairs: 2, json: 'a.json' },
  );
});

t.test(
  'without flags: five pairs on every runtime, with the peers that are there, and nothing that takes minutes',
  async (t) => {
    const { only, runtimes, pairs, seconds, ...rest } = read();
    t.same(
      only.map(({ name }) => name),
      ['http', 'journeys', 'scripts', 'mysql', 'engine', 'open', 'memory', 'agents', 'compare'],
    );
    t.same({ runtimes, pairs, seconds }, { runtimes: ['bun', 'node', 'deno'], pairs: 5, seconds: 4 });
    t.same(rest, {});
  },
);

t.test('the command that stands beside the figures leaves out where they are written', async (t) => {
  t.equal(commandLine([]), 'npm run bench');
  t.equal(commandLine(['--json', 'a.json']), 'npm run bench');
  t.equal(
    commandLine(['--only', 'http', '--markdown', 'a.md', '--pairs', '2', '--json=b.json']),
    'npm run bench -- --only http --pairs 2',
  );
});
