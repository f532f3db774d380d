import t from 'tap';
import { PendingStop } from '../../../../core/cli/client/pending-stop.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';

/** A control that may be away. */
function scene() {
  const control = { isAway: false, told: [] as string[] };
  const stop = new PendingStop(async ({ reason, abort }) => {
    if (control.isAway) throw new Error('away');
    control.told.push(`${reason}${abort ? ', at once' : ''}`);
  });
  return { control, stop };
}

t.test('a control that is there is told once: a second stop would cut off', async (t) => {
  const { control, stop } = scene();
  t.notOk(stop.isRequested);
  await stop.runIs(RunState.RUNNING);
  stop.request('Ctrl-C', false);
  await stop.runIs(RunState.RUNNING);
  await stop.runIs(RunState.DRAINING);
  t.strictSame(control.told, ['Ctrl-C']);
  t.ok(stop.isRequested && stop.isAcknowledged);
});

t.test('what is said while control is away is said again when it is back', async (t) => {
  const { control, stop } = scene();
  control.isAway = true;
  stop.controlLost();
  stop.request('Ctrl-C', false);
  stop.controlLost();
  control.isAway = false;
  await stop.runIs(RunState.QUEUED);
  await stop.runIs(RunState.RUNNING);
  t.strictSame(control.told, ['Ctrl-C']);
});

t.test('a control that is started again is told only when it does not know', async (t) => {
  for (const [state, told] of [
    [RunState.RUNNING, ['Ctrl-C', 'Ctrl-C']],
    [RunState.DRAINING, ['Ctrl-C']],
    [RunState.VERIFYING, ['Ctrl-C']],
  ] as const) {
    const { control, stop } = scene();
    stop.request('Ctrl-C', false);
    await stop.runIs(RunState.RUNNING);
    stop.controlLost();
    await stop.runIs(state);
    t.strictSame(control.told, told);
  }
});

t.test('that it is to be cut off, a control that is started again does not know', async (t) => {
  const { control, stop } = scene();
  stop.request('Ctrl-C', false);
  stop.request('Ctrl-C, twice', true);
  await stop.runIs(RunState.DRAINING);
  stop.controlLost();
  t.notOk(stop.isAcknowledged);
  await stop.runIs(RunState.DRAINING);
  t.strictSame(control.told, ['Ctrl-C', 'Ctrl-C, twice, at once', 'Ctrl-C, twice, at once']);
});
