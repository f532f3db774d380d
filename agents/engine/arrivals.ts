import { arrivalTimes, type LoadProfile } from '../../core/plan/profile.ts';
import { randomStream } from '../../core/plan/random.ts';
import { GrowingProfile } from '../../core/plan/shape.ts';
import type { Share } from '../../core/plan/split.ts';
import type { Operation, OperationMix } from './operations.ts';

/** One operation that the load model wants at one instant, whatever became of the ones before. */
export interface Arrival {
  /** Whole microseconds from the scenario's start. */
  readonly atUs: number;
  /** undefined: none, but more of the profile is known by then. */
  readonly operation: Operation | undefined;
}

/**
 * This share's arrivals in order. Arrival k comes when the profile's integral reaches k (uniform), or reaches the k-th
 * point of a Poisson process of rate 1 (poisson: time-rescaling, Brown et al. 2002). Every agent draws all arrivals from
 * the same stream and takes its own, so n agents together send exactly what one would.
 */
export function* arrivals(
  profile: LoadProfile,
  spacing: 'uniform' | 'poisson',
  mix: OperationMix,
  share: Share,
  seed: number,
  stream: number,
): Generator<Arrival, undefined> {
  const operationRandom = randomStream(seed, stream);
  const timeRandom = randomStream(seed, stream + 1);
  const timeOf = arrivalTimes(profile);
  let reached = 0;
  for (let k = 0; ; k++) {
    if (spacing === 'poisson') reached -= Math.log(1 - timeRandom.next());
    else reached = k;
    const operation = mix.draw(operationRandom);
    if (k % share.agents !== share.index) continue;
    let atUs = timeOf(reached);
    while (atUs === undefined && profile instanceof GrowingProfile && !profile.ended) {
      const { knownUs } = profile;
      yield { atUs: knownUs, operation: undefined };
      if (profile.knownUs === knownUs && !profile.ended) profile.hold(knownUs + 1);
      atUs = timeOf(reached);
    }
    if (atUs === undefined) return undefined;
    yield { atUs: Math.round(atUs), operation };
  }
}
