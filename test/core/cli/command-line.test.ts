import t from 'tap';
import { commandLine } from '../../../core/cli/command-line.ts';

t.test('a command line can be pasted into a shell again', async (t) => {
  t.equal(commandLine(['run', 'plans/upload.yaml', '--stage', '10s:50']), 'bench run plans/upload.yaml --stage 10s:50');
  t.equal(commandLine(['run', "it's here/a plan.yaml", '']), `bench run 'it'\\''s here/a plan.yaml' ''`);
});
