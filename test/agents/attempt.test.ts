/** A run that another control process prepares anew: the agent does what it is assigned last, until its load has begun. */
import t from 'tap';
import { defineDriver } from '../../core/plugin.ts';
import { OK } from '../kit/engine.ts';
import { joinedAgent } from '../kit/joined-agent.ts';

const scenarios = {
  s: { executor: 'constant-vus' as const, vus: 1, duration: '60s', operations: [{ driver: 'told' }] },
};
const planOf = (attempt: string) => ({ name: 'test', drivers: { told: { options: { attempt } } }, scenarios });

t.test('a run that is prepared anew replaces what was assigned of it before, until the load has begun', async (t) => {
  const steps: string[] = [];
  const driver = defineDriver({
    name: 'told',
    description: '',
    options: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
    operations: () => [{ name: 'turn', type: 'TEST' }],
    open: (options) => {
      const { attempt } = options as { attempt: string };
      steps.push(`open ${attempt}`);
      return {
        connect: () => ({
          send: () => new Promise((resolve) => setImmediate(() => resolve(OK))),
          close: () => {},
        }),
        close: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          steps.push(`close ${attempt}`);
        },
      };
    },
  });
  const { control } = await joinedAgent(t, driver);
  control.assign('r1', planOf('first'), 'first');
  t.match(await control.next('prepared'), { runId: 'r1', attempt: 'first', problems: [] });
  control.hangUp();
  await control.next('join', 2);
  control.send({ case: 'welcome', value: { controlVersion: 'test' } });
  t.match(await control.next('prepared', 2), { attempt: 'first' }, 'control may not have got it');
  control.assign('r1', planOf('second'), 'second');
  control.assign('r1', planOf('second'), 'second');
  t.match(await control.next('prepared', 3), { runId: 'r1', attempt: 'second', problems: [] });
  t.same(steps, ['open first', 'close first', 'open second']);
  control.send({ case: 'clockProbe', value: { controlUs: 1 } });
  const { receivedUs } = await control.next('clockReply');
  control.send({ case: 'start', value: { runId: 'r1', atAgentUs: receivedUs } });
  await control.next('window');
  control.assign('r1', planOf('third'), 'third');
  await control.next('window', 2);
  t.same(steps, ['open first', 'close first', 'open second'], 'a load that has begun goes on');
});
