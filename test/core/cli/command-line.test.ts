import t from 'tap';
import { commandLine } from '../../../core/cli/command-line.ts';

t.test('a command line can be pasted into a shell again', async (t) => {
  t.equal(commandLine(['run', 'plans/upload.yaml', '--stage', '10s:50']), 'bench run plans/upload.yaml --stage 10s:50');
  t.equal(commandLine(['run', "it's here/a plan.yaml", '']), `bench run 'it'\\''s here/a plan.yaml' ''`);
});

t.test('a command line tells no password', async (t) => {
  const url = 'mysql://u:se@cret@h:3306/d';
  const told =
    "bench run plan.yaml --store 'mysql://u:***@h:3306/d' '--store=mysql://u:***@h:3306/d' --host http://h:1/a";
  t.equal(commandLine(['run', 'plan.yaml', '--store', url, `--store=${url}`, '--host', 'http://h:1/a']), told);
});
