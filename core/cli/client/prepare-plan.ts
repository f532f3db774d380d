import process from 'node:process';
import { formatSpan } from '../../verdict/quantity.ts';
import { planBundle } from '../bundle/plan-bundle.ts';
import { CommandError } from '../command-error.ts';
import { commandLine } from '../command-line.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { storeCommand } from '../flags/connection-flags.ts';
import type { Output } from '../output.ts';
import type { RunnablePlan } from '../plans/checked-plan.ts';
import { type Lifetime, withLifetime } from '../processes/lifetime.ts';
import { causeIn, type LocalControl, startLocalControl } from '../processes/local-control.ts';
import { RunView } from '../view/run-view.ts';
import type { Caller } from './client-credentials.ts';
import { conductRun, connectControl, GivenUpError, startPreparation } from './run-client.ts';

/** Where a plan is prepared: by this control, or by one of its own, which stores what `bench cleanup` needs. */
export interface PreparationPlace extends Caller {
  readonly control?: string;
  readonly store: string;
}

/** Has the drivers of a plan prepare as before a run, and keeps what they make. */
export async function preparePlan(plan: RunnablePlan, place: PreparationPlace, output: Output): Promise<ExitCode> {
  const { control, store } = place;
  const drivers = [...plan.resolved.drivers].filter(([, { plugin }]) => plugin.prepare !== undefined);
  if (drivers.length === 0) {
    output.line('Nothing to prepare: no driver of the plan prepares anything.');
    return EXIT.pass;
  }
  return withLifetime(false, async (lifetime) => {
    if (control !== undefined) return prepareAt(control, plan, place, output, lifetime);
    const local = await startLocalControl(0, store);
    let isGivenUp = false;
    try {
      return await prepareAt(local.address, plan, place, output, lifetime, local);
    } catch (error) {
      isGivenUp = error instanceof GivenUpError;
      throw error;
    } finally {
      await local.end(isGivenUp);
    }
  });
}

/** @param local the control, when this process has started it */
async function prepareAt(
  address: string,
  plan: RunnablePlan,
  place: PreparationPlace,
  output: Output,
  lifetime: Lifetime,
  local?: LocalControl,
): Promise<ExitCode> {
  const { input, baseDirectory, resolved } = plan;
  const bundle = await planBundle(plan, local === undefined);
  const client = await connectControl(address, local ?? place, {
    signal: lifetime.signal,
    waiting: (reason) => output.problem(`Control at ${address} cannot be reached yet (${reason}): waiting for it.`),
  });
  const view = new TimedView(output, resolved.plan.name, resolved.plan.target ?? '');
  try {
    const request = { plan: input, baseDirectory, bundle, command: commandLine(process.argv.slice(2)) };
    const begin = () => startPreparation(client, address, request);
    const outcome = await conductRun(client, address, begin, view, lifetime, local?.store);
    view.end();
    if (outcome.kind === 'failed') {
      const rest = outcome.leftBehind
        ? `. \`${storeCommand(['cleanup', view.runId], place)}\` removes what is left.`
        : '';
      const isStopped = lifetime.signal.aborted;
      if (isStopped && !outcome.leftBehind)
        throw new CommandError('The preparation was stopped, and what it had made was removed.', EXIT.aborted);
      throw new CommandError(`Nothing is prepared: ${outcome.reason}${rest}`, isStopped ? EXIT.aborted : undefined);
    }
    output.line(`Prepared in ${formatSpan(view.tookUs, 'en')}, and kept.`);
    const isRemovable = [...resolved.drivers.values()].some(({ plugin }) => plugin.prepare && plugin.cleanup);
    output.line(
      isRemovable
        ? `\`${storeCommand(['cleanup', view.runId], place)}\` removes what it made.`
        : 'No driver of the plan says how to remove it.',
    );
    return EXIT.pass;
  } catch (error) {
    view.end();
    throw await causeIn(local, error, view.runId);
  } finally {
    client.close();
  }
}

/** Knows how long the drivers have taken, without the time in which the preparation waited for its turn. */
class TimedView extends RunView {
  #runId = '';
  #begunMs = performance.now();

  get runId(): string {
    return this.#runId;
  }

  get tookUs(): number {
    return Math.round((performance.now() - this.#begunMs) * 1000);
  }

  override started(runId: string): void {
    this.#runId = runId;
    super.started(runId);
  }

  override activity(text: string): void {
    if (text === 'preparing') this.#begunMs = performance.now();
    super.activity(text);
  }
}
