/** What is told of outputs that use only the seconds with totals. */
import t from 'tap';
import type { Output } from '../../../../core/output.ts';
import { longPlan, stage } from '../scene/stage.ts';

const SECONDS = 12;

/** Has totals in seconds 4 and 9. */
const totals = (refused: (second: number) => boolean) => (): Output => ({
  takesTotals: true,
  second({ second, soFar }) {
    if (soFar !== undefined && refused(second)) throw new Error('503');
  },
  end() {},
  close() {},
});

t.test('seconds whose totals an output has not got are missed, and those are not that it has', async (t) => {
  const outputs = {
    works: totals(() => false),
    away: totals(() => true),
    lost: totals((second) => second > 5),
  };
  const scene = await stage(t, { outputs });
  const agent = await scene.agent();
  const plan = { ...longPlan(SECONDS), outputs: { works: {}, away: {}, lost: {} } };
  const runId = await scene.running([agent], { plan });
  for (let second = 0; second < SECONDS; second++) await scene.second(runId, second, [agent]);
  agent.sendDone(runId);
  await scene.ended(runId);
  const { events } = await scene.result(runId);
  t.same(
    events.map(({ text }) => text).filter((text) => text.includes('could not be given')),
    [
      'output away: 12 of 12 seconds could not be given to it while the run went on',
      'output lost: 7 of 12 seconds could not be given to it while the run went on',
    ],
  );
});
